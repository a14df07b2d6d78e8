import { SkeinError } from "../../model/error.ts";
import { oldestVersion } from "../../model/thread.ts";
import type { Place } from "../../model/message.ts";
import type { KeptMessage, ThreadKey } from "../store.ts";
import type { MemoryData, StoredThread, Tenant } from "./memory-data.ts";
import { threadAt } from "./memory-data.ts";
import { ownMessages, pathBack } from "./path.ts";
import { sweep } from "./sweep.ts";

/** Lets go of everything but what the branches of the head lead to, and what is queued. */
export function trimThread(tenant: Tenant, thread: StoredThread): void {
  const { head, messages, released } = thread;
  thread.entries.splice(0, thread.entries.length - 1);
  const kept = new Map<string, string>();
  for (const branch of Object.values(head.branches))
    for (const { message } of pathBack(tenant, branch)) kept.set(message.id, message.threadId);
  for (const { messageId } of head.activity.queued) kept.set(messageId, thread.key.id);
  for (const id of messages.keys()) if (!kept.has(id)) released.add(id);
  thread.included = new Map([...kept].filter(([, home]) => home !== thread.key.id));
  sweep(tenant);
}

export function listKept(
  tenant: Tenant,
  thread: StoredThread | undefined,
  after: number,
  limit: number,
): readonly KeptMessage[] {
  if (thread === undefined) return [];
  const before = oldestVersion(thread.head);
  return ownMessages(thread)
    .filter(({ message: { version } }) => version > after && version < before)
    .sort((a, b) => a.message.version - b.message.version)
    .slice(0, limit)
    .map(({ message, place }) => ({ message, place: place && linked(tenant, thread, place) }));
}

/** The place, with the last kept message before its segment if no other one of the segment was kept before it. */
function linked(
  tenant: Tenant,
  { key, released, included }: StoredThread,
  { continues: _continues, ...place }: Place,
): Place {
  for (const { message, place: before } of pathBack(tenant, place)) {
    if (before === null || before.depth === place.depth) continue;
    const isOwn = message.threadId === key.id && !released.has(message.id);
    if (!isOwn && !included.has(message.id)) continue;
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
