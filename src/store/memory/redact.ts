import type { Entry } from "../../model/entry.ts";
import type { LastMessage, ThreadHead } from "../../model/thread.ts";
import { messageIdOf, withoutPayload } from "./fold-message.ts";
import { frozenCopy } from "./frozen-copy.ts";
import type { Tenant } from "./memory-data.ts";

/** Erases what logs and heads say about a message, in the thread that wrote it and in every fork. */
export function eraseEverywhere(tenant: Tenant, messageId: string): void {
  for (const thread of tenant.threads.values()) {
    thread.head = erasedHead(thread.head, messageId);
    for (const [index, entry] of thread.entries.entries())
      thread.entries[index] = erasedEntry(entry, (id) => id === messageId);
  }
}

/** The entry without what it says about redacted messages. */
export function erasedEntry(entry: Entry, isRedacted: (messageId: string) => boolean): Entry {
  const id = messageIdOf(entry) ?? lastMessageOf(entry)?.id;
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
    case "branch.move": {
      const lastMessage = withoutText(entry.data.lastMessage);
      return frozenCopy({ ...entry, data: { ...entry.data, lastMessage } });
    }
    case "thread.create": {
      const { from, profile } = entry.data;
      if (from === undefined) return entry;
      const erasedFrom = { ...from, lastMessage: withoutText(from.lastMessage) };
      return frozenCopy({ ...entry, data: { profile, from: erasedFrom } });
    }
    default:
      return entry;
  }
}

function lastMessageOf(entry: Entry): LastMessage | null | undefined {
  if (entry.op === "branch.move") return entry.data.lastMessage;
  return entry.op === "thread.create" ? entry.data.from?.lastMessage : undefined;
}

function withoutText(preview: LastMessage | null): LastMessage | null {
  return preview && { ...preview, text: "" };
}

function erasedHead(head: ThreadHead, messageId: string): ThreadHead {
  const { activity } = head;
  if (activity.lastMessage?.id !== messageId) return head;
  const lastMessage = withoutText(activity.lastMessage);
  return frozenCopy({ ...head, activity: { ...activity, lastMessage } });
}
