import type { Entry, EntryOf } from "../../model/entry.ts";
import { erasedAction, erasedDecision, withErasedActions } from "../../model/erased-action.ts";
import { withErasedTitle } from "../../model/redacted-title.ts";
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
  if (entry.op === "thread.create") return erasedCreation(entry, isRedacted);
  if (entry.op === "retention.trim") return erasedTrim(entry, isRedacted);
  const id = messageIdOf(entry) ?? quotedIn(entry);
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
    case "thread.set":
      return frozenCopy({ ...entry, data: { ...entry.data, title: null } });
    case "approval.request": {
      const action = erasedAction(entry.data.action);
      return frozenCopy({ ...entry, data: { ...entry.data, action } });
    }
    case "approval.decide": {
      const decision = erasedDecision(entry.data.decision);
      return frozenCopy({ ...entry, data: { ...entry.data, decision } });
    }
    default:
      return entry;
  }
}

/** The message whose content an entry repeats. */
export function quotedIn(entry: Entry): string | undefined {
  switch (entry.op) {
    case "branch.move":
      return entry.data.lastMessage?.id;
    case "thread.set":
      return entry.data.titleOf;
    case "approval.request":
      return entry.data.action.callMessageId;
    case "approval.decide":
      return entry.data.callMessageId;
    default:
      return undefined;
  }
}

/** A fork begins with the title and the last message of where it started. */
function erasedCreation(
  entry: EntryOf<"thread.create">,
  isRedacted: (messageId: string) => boolean,
): EntryOf<"thread.create"> {
  const { from, profile } = entry.data;
  const isTitle = profile.titleOf !== undefined && isRedacted(profile.titleOf);
  const isQuoted = from?.lastMessage != null && isRedacted(from.lastMessage.id);
  if (!isTitle && !isQuoted) return entry;
  const data = {
    profile: isTitle ? withErasedTitle(profile, profile.titleOf ?? "") : profile,
    ...(from && {
      from: isQuoted ? { ...from, lastMessage: withoutText(from.lastMessage) } : from,
    }),
  };
  return frozenCopy({ ...entry, data });
}

/** A trim begins the log with the head as it was. */
function erasedTrim(
  entry: EntryOf<"retention.trim">,
  isRedacted: (messageId: string) => boolean,
): EntryOf<"retention.trim"> {
  const { snapshot } = entry.data;
  const { activity, profile } = snapshot;
  const { lastMessage, queued, runs } = activity;
  const calls = runs.flatMap(({ actions = [] }) => actions.map((it) => it.callMessageId));
  const queuedIds = queued.map(({ messageId }) => messageId);
  const quoted = [profile.titleOf, lastMessage?.id, ...queuedIds, ...calls];
  if (!quoted.some((id) => id !== undefined && isRedacted(id))) return entry;
  const erased = (preview: LastMessage | null): LastMessage | null =>
    preview !== null && isRedacted(preview.id) ? withoutText(preview) : preview;
  return frozenCopy({
    ...entry,
    data: {
      ...entry.data,
      snapshot: {
        ...snapshot,
        profile:
          profile.titleOf !== undefined && isRedacted(profile.titleOf)
            ? withErasedTitle(profile, profile.titleOf)
            : profile,
        activity: {
          ...activity,
          lastMessage: erased(lastMessage),
          queued: queued.map((it) => ({ ...it, preview: erased(it.preview) })),
          runs: runs.map((run) =>
            calls.reduce(
              (left, id) =>
                id !== undefined && isRedacted(id) ? withErasedActions(left, id) : left,
              run,
            ),
          ),
        },
      },
    },
  });
}

function withoutText(preview: LastMessage | null): LastMessage | null {
  return preview && { ...preview, text: "" };
}

function erasedHead(head: ThreadHead, messageId: string): ThreadHead {
  const { activity } = head;
  const profile = withErasedTitle(head.profile, messageId);
  const isQuoted = activity.lastMessage?.id === messageId;
  if (!isQuoted && profile === head.profile) return head;
  const lastMessage = isQuoted ? withoutText(activity.lastMessage) : activity.lastMessage;
  return frozenCopy({ ...head, profile, activity: { ...activity, lastMessage } });
}
