import type { StoredThread, Tenant } from "./memory-data.ts";
import { sweep } from "./sweep.ts";

/** Removes a purged thread's log and everything beside it. Its head stays, so that its id is not used again, and so do
 *  the messages that a living fork includes. */
export function purgeThread(tenant: Tenant, thread: StoredThread): void {
  thread.entries.length = 0;
  thread.runs.clear();
  thread.steps.length = 0;
  thread.chunks.clear();
  for (const [name, { key }] of tenant.operations)
    if (key.id === thread.key.id) tenant.operations.delete(name);
  sweep(tenant);
}
