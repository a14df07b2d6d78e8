import type { Entry, EntryOf } from "./entry.ts";
import { withErasedActions } from "./erased-action.ts";
import type { MessageBody, Place } from "./message.ts";
import { own } from "./own.ts";
import { withErasedTitle } from "./redacted-title.ts";
import { MAIN } from "./thread.ts";
import type { BranchHead, LastMessage, ThreadActivity, ThreadHead } from "./thread.ts";
import { preview } from "./title.ts";
import { addCost, addUsage, NO_COST, NO_USAGE } from "./usage.ts";
import type { Cost, Usage } from "./usage.ts";

/** Folds ops about messages and branches; `undefined` for other ops. */
export function applyTree(head: ThreadHead, entry: Entry): ThreadHead | undefined {
  const at = entry.at;
  switch (entry.op) {
    case "message.append": {
      const { message, place } = entry.data;
      const lastMessage = lastMessageOf(message, at);
      const activity = chargedToRun(spent(head.activity, message), message);
      return placeMessage(head, { messageId: message.id, place, at, lastMessage }, activity);
    }
    case "message.open": {
      const { message, place } = entry.data;
      const { id: messageId, role } = message;
      const open = {
        messageId,
        branch: place.branch,
        runId: message.runId ?? "",
        version: entry.version,
        role,
      };
      const activity = { ...head.activity, open: [...head.activity.open, open] };
      return placeMessage(head, { messageId, place, at, lastMessage: null }, activity);
    }
    case "message.commit":
      return commitMessage(head, entry.data, at);
    case "message.enqueue": {
      const { message, branch, runId } = entry.data;
      const queued = {
        messageId: message.id,
        branch,
        ...(runId !== undefined && { runId }),
        version: entry.version,
        role: message.role,
        preview: lastMessageOf(message, at),
      };
      return withActivity(head, { updatedAt: at, queued: [...head.activity.queued, queued] });
    }
    case "message.dequeue": {
      const { messageId, place } = entry.data;
      const message = head.activity.queued.find((queued) => queued.messageId === messageId);
      const queued = head.activity.queued.filter((other) => other !== message);
      if (place === undefined) return withActivity(head, { updatedAt: at, queued });
      const lastMessage = message?.preview ?? null;
      return placeMessage(
        head,
        { messageId, place, at, lastMessage },
        { ...head.activity, queued },
      );
    }
    case "message.redact": {
      const { messageId } = entry.data;
      const { lastMessage, queued, runs } = head.activity;
      const profile = withErasedTitle(head.profile, messageId);
      const erasedRuns = runs.map((run) => withErasedActions(run, messageId));
      return withActivity(profile === head.profile ? head : { ...head, profile }, {
        updatedAt: at,
        lastMessage: erasedPreview(lastMessage, messageId),
        queued: queued.map((it) => ({ ...it, preview: erasedPreview(it.preview, messageId) })),
        runs: erasedRuns.some((run, index) => run !== runs[index]) ? erasedRuns : runs,
      });
    }
    case "branch.create":
      return withActivity(withBranches(head, entry.data.branch), {
        updatedAt: at,
        branchesMade: head.activity.branchesMade + 1,
      });
    case "branch.move": {
      const { branch, kept, lastMessage } = entry.data;
      return withActivity(withBranches(head, branch, kept), {
        updatedAt: at,
        branchesMade: head.activity.branchesMade + (kept === undefined ? 0 : 1),
        ...(branch.name === MAIN && { lastMessage }),
      });
    }
    case "branch.rename": {
      const { [entry.data.from]: renamed, ...branches } = head.branches;
      if (renamed === undefined) return withActivity(head, { updatedAt: at });
      return withActivity(
        withBranches({ ...head, branches }, { ...renamed, name: entry.data.to }),
        { updatedAt: at },
      );
    }
    case "branch.remove": {
      const { [entry.data.name]: _removed, ...branches } = head.branches;
      return withActivity({ ...head, branches }, { updatedAt: at });
    }
    default:
      return undefined;
  }
}

interface Placing {
  readonly messageId: string;
  readonly place: Place;
  readonly at: number;
  readonly lastMessage: LastMessage | null;
}

function placeMessage(head: ThreadHead, placing: Placing, activity: ThreadActivity): ThreadHead {
  const { messageId, place, at, lastMessage } = placing;
  const branch = own(head.branches, place.branch);
  if (branch === undefined)
    throw new TypeError(`${head.profile.id} has no branch ${place.branch}.`);
  const { segment, position, turnId, pending, depth } = place;
  const grown: BranchHead = {
    ...branch,
    segment,
    position,
    messageId,
    turnId,
    pending,
    count: depth + 1,
    isTip: true,
  };
  const segments =
    segment.threadId === head.profile.id
      ? Math.max(activity.segments, segment.number + 1)
      : activity.segments;
  return {
    ...head,
    branches: { ...head.branches, [branch.name]: grown },
    activity: {
      ...activity,
      updatedAt: at,
      messagesTotal: activity.messagesTotal + 1,
      segments,
      ...(branch.name === MAIN && lastMessage !== null && { lastMessage }),
    },
  };
}

function commitMessage(
  head: ThreadHead,
  data: EntryOf<"message.commit">["data"],
  at: number,
): ThreadHead {
  const { activity } = head;
  const open = activity.open.find((other) => other.messageId === data.messageId);
  const branch = own(head.branches, data.branch);
  if (open === undefined || branch === undefined) return withActivity(head, { updatedAt: at });
  const said = lastMessageOf({ id: data.messageId, role: open.role, parts: data.parts }, at);
  return {
    ...head,
    branches: { ...head.branches, [branch.name]: { ...branch, pending: data.pending } },
    activity: {
      ...spent(activity, data),
      updatedAt: at,
      open: activity.open.filter((other) => other !== open),
      runs: activity.runs.map((run) =>
        run.id === open.runId ? { ...spent(run, data), lastMessageId: data.messageId } : run,
      ),
      ...(branch.name === MAIN && said !== null && { lastMessage: said }),
    },
  };
}

/** Adds what a message cost to a thread or a run. */
function spent<T extends { readonly usage: Usage; readonly cost: Cost }>(
  total: T,
  message: { readonly usage?: Usage; readonly cost?: Cost },
): T {
  if (message.usage === undefined && message.cost === undefined) return total;
  return {
    ...total,
    usage: addUsage(total.usage, message.usage ?? NO_USAGE),
    cost: addCost(total.cost, message.cost ?? NO_COST),
  };
}

/** A run pays for every message that it writes. */
function chargedToRun(activity: ThreadActivity, message: MessageBody): ThreadActivity {
  if (message.usage === undefined && message.cost === undefined) return activity;
  const runs = activity.runs.map((run) => (run.id === message.runId ? spent(run, message) : run));
  return { ...activity, runs };
}

function lastMessageOf(
  message: Pick<MessageBody, "id" | "role" | "parts">,
  at: number,
): LastMessage | null {
  if (message.role !== "user" && message.role !== "assistant") return null;
  const said = preview(message.parts);
  return said === null ? null : { id: message.id, role: message.role, text: said, at };
}

/** The preview, without its text if it is of this message. */
function erasedPreview(preview: LastMessage | null, messageId: string): LastMessage | null {
  return preview?.id === messageId ? { ...preview, text: "" } : preview;
}

function withActivity(head: ThreadHead, change: Partial<ThreadActivity>): ThreadHead {
  return { ...head, activity: { ...head.activity, ...change } };
}

function withBranches(
  head: ThreadHead,
  ...branches: readonly (BranchHead | undefined)[]
): ThreadHead {
  const changed = branches.flatMap((branch) =>
    branch === undefined ? [] : [[branch.name, branch]],
  );
  // Not by assignment, which for the name `__proto__` would change the object instead.
  return { ...head, branches: { ...head.branches, ...Object.fromEntries(changed) } };
}
