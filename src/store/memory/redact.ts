import type { Entry } from "../../model/entry.ts";
import { messageIdOf, withoutPayload } from "./fold-message.ts";
import { frozenCopy } from "./frozen-copy.ts";
import type { Tenant } from "./memory-data.ts";

/** Erases what the log says about a message, in the thread that wrote it and in every fork. */
export function eraseFromEntries(tenant: Tenant, messageId: string): void {
  for (const thread of tenant.threads.values())
    for (const [index, entry] of thread.entries.entries())
      thread.entries[index] = erased(entry, (id) => id === messageId);
}

/** The entry without the payload of a redacted message. */
export function erased(entry: Entry, isRedacted: (messageId: string) => boolean): Entry {
  const id = messageIdOf(entry);
  if (id === undefined || !isRedacted(id)) return entry;
  switch (entry.op) {
    case "message.append":
    case "message.open": {
      const { message, place } = entry.data;
      return frozenCopy({ ...entry, data: { message: withoutPayload(message), place } });
    }
    case "message.enqueue": {
      const message = withoutPayload(entry.data.message);
      return frozenCopy({ ...entry, data: { ...entry.data, message } });
    }
    case "message.commit":
      return frozenCopy({ ...entry, data: { ...entry.data, parts: [] } });
    case "message.annotate":
      return frozenCopy({ ...entry, data: { ...entry.data, values: {} } });
    default:
      return entry;
  }
}
