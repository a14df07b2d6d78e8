import { SkeinError } from "../../model/error.ts";
import { oldestVersion } from "../../model/thread.ts";
import type { Message, Place } from "../../model/message.ts";
import type { Earlier, KeptMessage, ThreadKey } from "../store.ts";
import type { MemoryData, StoredMessage, StoredThread, Tenant } from "./memory-data.ts";
import { threadAt } from "./memory-data.ts";
import { pathBack } from "./path.ts";
import { placeMessage } from "./place-message.ts";
import { isPurged, sweep } from "./sweep.ts";

/** Lets go of everything but what the branches of the head lead to, and what is queued. */
export function trimThread(tenant: Tenant, thread: StoredThread): void {
  const { head, messages, released, key } = thread;
  thread.entries.splice(0, thread.entries.length - 1);
  const own = keptOf(tenant, thread, (home) => home === key.id);
  const queued = new Set(head.activity.queued.map(({ messageId }) => messageId));
  for (const id of messages.keys()) if (!own.has(id) && !queued.has(id)) released.add(id);
  thread.included = keptOf(tenant, thread, (home) => home !== key.id);
  sweep(tenant);
}

/** What the branches lead to: ids and the threads that wrote them. */
function keptOf(
  tenant: Tenant,
  { head }: StoredThread,
  isWanted: (home: string) => boolean,
): ReadonlyMap<string, string> {
  const paths = Object.values(head.branches).flatMap((branch) => [...pathBack(tenant, branch)]);
  return new Map(
    paths
      .filter(({ message }) => isWanted(message.threadId))
      .map(({ message }) => [message.id, message.threadId]),
  );
}

/** Fills a thread that comes from another store with what it has of before its log. */
export function bringKept(
  tenant: Tenant,
  thread: StoredThread,
  kept: readonly KeptMessage[],
  earlier?: Earlier,
): void {
  for (const run of earlier?.runs ?? []) thread.runs.set(run.id, run);
  thread.steps.push(...(earlier?.steps ?? []));
  for (const { id, version } of earlier?.givenIds ?? [])
    tenant.given.set(id, { key: thread.key, version });
  for (const { message, place, isReleased } of kept) {
    placeMessage(tenant, thread, { message, place });
    if (isReleased === true) thread.released.add(message.id);
  }
  thread.included = keptOf(tenant, thread, (home) => home !== thread.key.id);
}

export function listKept(
  tenant: Tenant,
  thread: StoredThread | undefined,
  after: number,
  limit: number,
): readonly KeptMessage[] {
  if (thread === undefined) return [];
  const { messages, released } = thread;
  if (isPurged(thread)) {
    const left = [...messages.values()].flatMap(({ message, place }): readonly KeptMessage[] =>
      place === null ? [] : [{ message, place: linked(tenant, place), isReleased: true }],
    );
    return pageOf(left, after, limit);
  }
  const [trim] = thread.entries;
  if (trim?.op !== "retention.trim") return [];
  const placed = [...messages.values()].flatMap(({ message, place }): readonly KeptMessage[] =>
    place === null || message.version > trim.version
      ? []
      : [
          {
            message,
            place: linked(tenant, place),
            ...(released.has(message.id) && { isReleased: true }),
          },
        ],
  );
  const waiting = trim.data.snapshot.activity.queued.flatMap(({ messageId, version }) => {
    const stored = messages.get(messageId);
    return stored === undefined ? [] : [{ message: waitingForm(stored, version), place: null }];
  });
  return pageOf([...placed, ...waiting], after, limit);
}

function pageOf(
  kept: readonly KeptMessage[],
  after: number,
  limit: number,
): readonly KeptMessage[] {
  return kept
    .filter(({ message: { version } }) => version > after)
    .sort((a, b) => a.message.version - b.message.version)
    .slice(0, limit);
}

/** A message as it waited, wherever it stands by now. */
function waitingForm({ message }: StoredMessage, version: number): Message {
  return {
    ...message,
    version,
    status: "queued",
    parentId: null,
    turnId: message.id,
    depth: null,
  };
}

/** The place, with the last message before its segment if no other one of the segment is there before it. */
function linked(tenant: Tenant, { continues: _continues, ...place }: Place): Place {
  for (const { place: before } of pathBack(tenant, place)) {
    if (before === null || before.depth === place.depth) continue;
    const { segment, position } = before;
    const { threadId, number } = place.segment;
    if (segment.threadId === threadId && segment.number === number) return place;
    return { ...place, continues: { segment, position } };
  }
  return place;
}

/** Refuses to leave out entries that are gone. */
export function requireLog({ head, key }: StoredThread, after: number): void {
  const oldest = oldestVersion(head);
  if (after > 0 && after < oldest - 1)
    throw new SkeinError("trimmed", `The log of thread ${key.id} begins at version ${oldest}.`, {
      field: "after",
      details: { oldest },
    });
}

/** Whether messages that a fork is about to include may be gone. */
export function isOriginTrimmed(
  data: MemoryData,
  tenant: string,
  from: { readonly threadId: string; readonly version: number },
): boolean {
  const key: ThreadKey = { tenant, id: from.threadId };
  const origin = threadAt(data, key);
  return origin !== undefined && oldestVersion(origin.head) > from.version;
}
