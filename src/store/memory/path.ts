import type { Message, Place, SegmentRef } from "../../model/message.ts";
import { withinBytes } from "../byte-bound.ts";
import type { PathRange } from "../store.ts";
import type { StoredMessage, StoredThread, Tenant } from "./memory-data.ts";

export interface PathEnd {
  readonly segment: SegmentRef;
  readonly position: number;
}

/** The messages on the path that ends at `end`, from the head back to the root. */
export function* pathBack(tenant: Tenant, end: PathEnd): Generator<StoredMessage> {
  for (const { thread, ids } of stretchesOf(tenant, end))
    for (const id of ids.toReversed()) {
      const stored = thread.messages.get(id);
      if (stored !== undefined) yield stored;
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

export function isOnPath(tenant: Tenant, place: Place, end: PathEnd): boolean {
  return stretchesOf(tenant, end).some(
    ({ segment, ids }) =>
      segment.threadId === place.segment.threadId &&
      segment.number === place.segment.number &&
      place.position <= ids.length,
  );
}

/** A message that the thread wrote, or that it includes from the thread it was forked from. */
export function findMessage(
  tenant: Tenant,
  thread: StoredThread,
  id: string,
): StoredMessage | undefined {
  return (
    thread.messages.get(id) ?? includedMessages(tenant, thread).find((it) => it.message.id === id)
  );
}

/** What a fork includes of other threads, newest first. */
export function includedMessages(tenant: Tenant, thread: StoredThread): readonly StoredMessage[] {
  return thread.origin === undefined ? [] : [...pathBack(tenant, thread.origin.head)];
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
    next = thread.messages.get(ids[0] ?? "")?.place?.continues;
  }
  return stretches;
}
