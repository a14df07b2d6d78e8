import { isInstruction } from "../../model/message.ts";
import type { Message, PathEnd, SegmentRef } from "../../model/message.ts";
import { withinBytes } from "../byte-bound.ts";
import type { PathRange } from "../store.ts";
import type { StoredMessage, StoredThread, Tenant } from "./memory-data.ts";

/** The messages on the path that ends at `end`, from the head back to the root. */
export function* pathBack(tenant: Tenant, end: PathEnd): Generator<StoredMessage> {
  const floor = end.floor?.depth ?? 0;
  for (const { thread, ids } of stretchesOf(tenant, end))
    for (const id of ids.toReversed()) {
      const stored = thread.messages.get(id);
      if (stored === undefined) continue;
      const { depth, role } = stored.message;
      if ((depth ?? 0) >= floor || isInstruction(role)) yield stored;
    }
}

export function readPath(
  tenant: Tenant,
  end: PathEnd,
  { minDepth, maxDepth, roles, limit, maxBytes, order = "asc" }: PathRange,
): readonly Message[] {
  const backwards = [...pathBack(tenant, end)]
    .map(({ message }) => message)
    .filter(
      ({ depth, role }) =>
        depth !== null &&
        depth >= minDepth &&
        depth <= maxDepth &&
        (roles === undefined || roles.includes(role)),
    );
  const ordered = order === "asc" ? backwards.toReversed() : backwards;
  return withinBytes(ordered.slice(0, limit), maxBytes, ({ parts }) => parts);
}

export function isOnPath(tenant: Tenant, place: PathEnd, end: PathEnd): boolean {
  return stretchesOf(tenant, end).some(
    ({ segment, ids }) =>
      segment.threadId === place.segment.threadId &&
      segment.number === place.segment.number &&
      place.position <= ids.length,
  );
}

/** The messages that a thread wrote and was not trimmed of, in the order in which they came. */
export function ownMessages({ messages, released }: StoredThread): readonly StoredMessage[] {
  return [...messages.values()].filter(({ message }) => !released.has(message.id));
}

/** A message that the thread wrote, or that it includes from the thread it was forked from. */
export function findMessage(
  tenant: Tenant,
  thread: StoredThread,
  id: string,
): StoredMessage | undefined {
  const own = thread.released.has(id) ? undefined : thread.messages.get(id);
  return own ?? includedMessages(tenant, thread).find((it) => it.message.id === id);
}

/** What a thread has of other threads. */
export function includedMessages(
  { threads }: Tenant,
  { included }: StoredThread,
): readonly StoredMessage[] {
  return [...included].flatMap(([id, home]) => threads.get(home)?.messages.get(id) ?? []);
}

interface Stretch {
  readonly thread: StoredThread;
  readonly segment: SegmentRef;
  /** The first messages of the segment, up to where the path leaves it. */
  readonly ids: readonly string[];
}

function stretchesOf(tenant: Tenant, end: PathEnd): readonly Stretch[] {
  const stretches: Stretch[] = [];
  let next: PathEnd | undefined = end;
  while (next !== undefined && next.position > 0) {
    const segment: SegmentRef = next.segment;
    const thread = tenant.threads.get(segment.threadId);
    const ids: readonly string[] = thread?.segments.get(segment.number) ?? [];
    if (thread === undefined || ids.length === 0) break;
    stretches.push({ thread, segment, ids: ids.slice(0, next.position) });
    next = thread.continued.get(segment.number);
  }
  return stretches;
}
