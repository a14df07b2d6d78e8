import { withCompaction } from "./compaction.ts";
import type { ContextTrack } from "./compaction.ts";
import { messageOf } from "./entry.ts";
import type { Entry, EntryOf } from "./entry.ts";
import type { JsonObject } from "./json.ts";
import { LIMITS } from "./limits.ts";
import type { ThreadActivity, ThreadHead, ThreadProfile } from "./thread.ts";
import { addCost, addUsage, NO_USAGE } from "./usage.ts";
import type { Cost, Usage } from "./usage.ts";

/** What an entry means for what models are shown: pins come and go, compactions are added and paid, and a redaction makes
 *  them void. */
export function applyContext(head: ThreadHead, entry: Entry): ThreadHead {
  switch (entry.op) {
    case "message.append":
    case "message.enqueue": {
      const { id, metadata } = messageOf(entry) ?? {};
      return id !== undefined && metadata?.["pinned"] === true ? pinned(head, id, true) : head;
    }
    case "message.annotate": {
      const { messageId, values } = entry.data;
      const isPinned = pinIn(values);
      return isPinned === undefined ? head : pinned(head, messageId, isPinned);
    }
    case "message.redact":
      return redacted(head, entry.data.messageId);
    case "context.compact":
      return compacted(head, entry);
    default:
      return head;
  }
}

/** What annotations say about a pin; `undefined`: nothing. */
function pinIn(values: JsonObject): boolean | undefined {
  return Object.hasOwn(values, "pinned") ? values["pinned"] === true : undefined;
}

function pinned(head: ThreadHead, messageId: string, isPinned: boolean): ThreadHead {
  const { context = {} } = head.profile;
  const { pinned: old = [] } = context;
  if (old.includes(messageId) === isPinned) return head;
  const others = old.filter((id) => id !== messageId);
  // A log of another version may have more.
  const all = isPinned ? [...others, messageId].slice(-LIMITS.pinnedMessages) : others;
  return withContext(head, { ...context, pinned: all });
}

/** Which of a thread's compactions have read the message, the head cannot tell: all are void, and the metadata does not
 *  repeat a summary any more. What still waits nobody has read. */
function redacted(head: ThreadHead, messageId: string): ThreadHead {
  const { context } = head.profile;
  if (context === undefined) return head;
  const { compactions: _void, ...rest } = context;
  const isRead = !head.activity.queued.some((queued) => queued.messageId === messageId);
  const left = isRead ? rest : context;
  const pins = (left.pinned ?? []).filter((id) => id !== messageId);
  const wasTold = isRead && context.compactions?.some(({ purpose }) => purpose === "summary");
  const { summary: _summary, summarized_at: _at, ...metadata } = head.profile.metadata;
  const profile = wasTold === true ? { ...head.profile, metadata } : head.profile;
  return withContext({ ...head, profile }, { ...left, ...(left.pinned && { pinned: pins }) });
}

function compacted(head: ThreadHead, entry: EntryOf<"context.compact">): ThreadHead {
  const { purpose, messageId, depth, style, isPartial, usage, cost, runId } = entry.data;
  const { context = {} } = head.profile;
  const compactions = withCompaction(context.compactions ?? [], {
    threadId: entry.threadId,
    version: entry.version,
    purpose,
    messageId,
    depth,
    ...(style !== undefined && { style }),
    ...(isPartial && { isPartial }),
  });
  const paid = { usage: usage ?? NO_USAGE, cost };
  const activity: ThreadActivity = {
    ...charged(head.activity, paid),
    updatedAt: entry.at,
    runs: head.activity.runs.map((run) => (run.id === runId ? charged(run, paid) : run)),
  };
  return { ...withContext(head, { ...context, compactions, last: entry.version }), activity };
}

interface Paid {
  readonly usage: Usage;
  readonly cost: Cost;
}

function charged<T extends Paid>(total: T, { usage, cost }: Paid): T {
  return { ...total, usage: addUsage(total.usage, usage), cost: addCost(total.cost, cost) };
}

function withContext(head: ThreadHead, context: ContextTrack): ThreadHead {
  const profile: ThreadProfile = { ...head.profile, context };
  return { ...head, profile };
}
