import { removeUnreferencedBlobs } from "./blobs.ts";
import type { StoredThread, Tenant } from "./memory-data.ts";
import { includedMessages } from "./path.ts";

/** Removes the messages that no thread has any more: those that the thread which wrote them was trimmed of, or that it
 *  took along when it was purged, and that no other thread includes. */
export function sweep(tenant: Tenant): void {
  const included = new Set(
    [...tenant.threads.values()]
      .filter((thread) => !isPurged(thread))
      .flatMap((thread) => includedMessages(tenant, thread)),
  );
  for (const thread of tenant.threads.values()) {
    const candidates = isPurged(thread) ? [...thread.messages.keys()] : [...thread.released];
    for (const id of candidates) {
      const stored = thread.messages.get(id);
      if (stored !== undefined && included.has(stored)) continue;
      remove(thread, id);
      if (isPurged(thread) && tenant.given.get(id)?.key.id === thread.key.id)
        tenant.given.delete(id);
    }
  }
  removeUnreferencedBlobs(tenant);
}

export function isPurged({ head }: StoredThread): boolean {
  return head.profile.purgedAt !== null;
}

function remove({ messages, released, segments, chunks }: StoredThread, id: string): void {
  const place = messages.get(id)?.place;
  if (place != null) segments.get(place.segment.number)?.splice(place.position - 1, 1, "");
  messages.delete(id);
  released.delete(id);
  chunks.delete(id);
}
