import type { StoredMessage, StoredThread, Tenant } from "./memory-data.ts";

/** Puts a message back where it came from: a fork can change one that it includes. */
export function placeMessage(tenant: Tenant, thread: StoredThread, stored: StoredMessage): void {
  const { message, place } = stored;
  const home = tenant.threads.get(message.threadId) ?? thread;
  home.messages.set(message.id, stored);
  if (place === null) return;
  const { number } = place.segment;
  const ids = home.segments.get(number) ?? [];
  while (ids.length < place.position) ids.push("");
  ids[place.position - 1] = message.id;
  home.segments.set(number, ids);
  if (place.continues !== undefined) home.continued.set(number, place.continues);
}
