import { removeUnreferencedBlobs } from "./blobs.ts";
import type { StoredMessage, StoredThread, Tenant } from "./memory-data.ts";
import { includedMessages } from "./path.ts";

/** Removes a purged thread's log and everything beside it. Its head stays, so that its id is not used again, and so do
 *  the messages that a living fork includes. */
export function purgeThread(tenant: Tenant, thread: StoredThread): void {
  thread.entries.length = 0;
  thread.runs.clear();
  thread.steps.length = 0;
  thread.chunks.clear();
  for (const [name, { key }] of tenant.operations)
    if (key.id === thread.key.id) tenant.operations.delete(name);
  removeUnincluded(tenant);
  removeUnreferencedBlobs(tenant);
}

// The last fork of a thread that was purged before may be the one that goes now, so every purged thread is looked at.
function removeUnincluded(tenant: Tenant): void {
  const kept = new Set<StoredMessage>();
  for (const thread of tenant.threads.values())
    if (!isPurged(thread)) for (const it of includedMessages(tenant, thread)) kept.add(it);
  for (const thread of tenant.threads.values()) {
    if (!isPurged(thread)) continue;
    for (const [id, stored] of thread.messages) {
      if (kept.has(stored)) continue;
      thread.messages.delete(id);
      if (tenant.given.get(id)?.key.id === thread.key.id) tenant.given.delete(id);
    }
  }
}

export function isPurged({ head }: StoredThread): boolean {
  return head.profile.purgedAt !== null;
}
