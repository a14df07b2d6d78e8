import type { Conversation, SourceMessage } from "./conversation.ts";
import { followSkipped } from "./follow-skipped.ts";

/** Every message once and behind what it follows on; siblings as the source has them. What follows on nothing that is there,
 *  or in the end on itself, begins a path of its own. */
export function orderMessages({ messages, skipped = new Map() }: Conversation): {
  readonly messages: readonly SourceMessage[];
  /** Messages that stood in a circle and were cut loose. */
  readonly circles: number;
} {
  const found = new Map<string, SourceMessage>();
  for (const message of messages) if (!found.has(message.id)) found.set(message.id, message);
  const parents = new Map<string, string | null>();
  for (const { id, parentId } of found.values()) {
    const parent = followSkipped(parentId, skipped);
    parents.set(id, parent !== null && found.has(parent) ? parent : null);
  }
  const circles = cutCircles(parents);
  const children = new Map<string | null, SourceMessage[]>();
  for (const message of found.values()) {
    const parentId = parents.get(message.id) ?? null;
    const beside = children.get(parentId) ?? [];
    beside.push({ ...message, parentId });
    children.set(parentId, beside);
  }
  const ordered: SourceMessage[] = [];
  const waiting = (children.get(null) ?? []).toReversed();
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    ordered.push(next);
    waiting.push(...(children.get(next.id) ?? []).toReversed());
  }
  return { messages: ordered, circles };
}

function cutCircles(parents: Map<string, string | null>): number {
  const isGood = new Set<string>();
  let circles = 0;
  for (const start of parents.keys()) {
    const path = new Set<string>();
    for (let at: string | null = start; at !== null && !isGood.has(at);) {
      path.add(at);
      const parent: string | null = parents.get(at) ?? null;
      if (parent !== null && path.has(parent)) {
        parents.set(at, null);
        circles += 1;
        break;
      }
      at = parent;
    }
    for (const id of path) isGood.add(id);
  }
  return circles;
}
