import { isForPerson } from "./action.ts";
import type { ContextTrack } from "./compaction.ts";
import type { FileTrack } from "./file-change.ts";
import type { JsonObject } from "./json.ts";
import { expiresAt } from "./lifetime.ts";
import type { Expiry } from "./lifetime.ts";
import type { Floor, Role, SegmentRef } from "./message.ts";
import type { MemberRole } from "./principal.ts";
import type { Run } from "./run.ts";
import { NO_COST, NO_USAGE } from "./usage.ts";
import type { Cost, Usage } from "./usage.ts";

export const MAIN = "main";

export type TitleSource = "auto" | "human";
export type ThreadStatus = "idle" | "active" | "requires_action";

/** The part of a thread that changes rarely. */
export interface ThreadProfile {
  readonly id: string;
  readonly tenant: string;
  readonly owner: string;
  readonly title: string | null;
  readonly titleSource: TitleSource;
  /** The message that an automatic title was made of: erasing one erases the other. */
  readonly titleOf?: string;
  readonly agentId: string | null;
  /** `main`, or what a relation made it: `fork`, `summary`, `sub-agent`, `continuation`. */
  readonly kind: string;
  readonly metadata: JsonObject;
  readonly tags: readonly string[];
  /** Other users who may see the thread. The owner is not listed. */
  readonly members: Readonly<Record<string, MemberRole>>;
  /** Captured once at creation; never values of variables. */
  readonly environment?: JsonObject;
  /** What the agents of the thread share. */
  readonly state?: JsonObject;
  /** Version of the newest `state.patch`; absent: there was none. */
  readonly stateVersion?: number;
  /** Present once the log says something of files. */
  readonly files?: FileTrack;
  /** Present once something was pinned or summed up. */
  readonly context?: ContextTrack;
  /** Related threads, oldest first; the other thread has its side of it. */
  readonly links?: readonly ThreadLink[];
  /** The run that made this thread to have something done. */
  readonly parent?: { readonly threadId: string; readonly runId?: string };
  readonly forkedFrom?: {
    readonly threadId: string;
    readonly version: number;
    readonly messageId: string | null;
  };
  /** Present once the thread, or what it was forked from, was trimmed. */
  readonly trim?: TrimState;
  /** The name by which its owner finds it. */
  readonly alias?: string;
  readonly expiry?: Expiry;
  /** Nothing of the thread may go as long as it is held. */
  readonly hold?: { readonly reason?: string };
  readonly createdAt: number;
  readonly archivedAt: number | null;
  readonly deletedAt: number | null;
  readonly purgedAt: number | null;
}

export interface ThreadLink {
  /** What the other thread is to this one: `sub-agent`, … */
  readonly kind: string;
  readonly threadId: string;
  readonly data?: JsonObject;
}

/** What trims have left. */
export interface TrimState {
  /** Where the log begins: the version of the newest `retention.trim`; 1 for a fork that was not trimmed itself. */
  readonly version: number;
  /** Every floor that a path of the thread may have. The deepest one on a path is its floor. */
  readonly floors: readonly Floor[];
}

/** A named head over the message tree. */
export interface BranchHead {
  readonly name: string;
  readonly segment: SegmentRef;
  /** Position of the head in the segment; 0 before the first message. */
  readonly position: number;
  readonly messageId: string | null;
  /** Depth of the next message. Messages on the path, and those that were trimmed from it. */
  readonly count: number;
  /** Where the path begins since it was trimmed; absent: at its root. */
  readonly floor?: Floor;
  /** Turn of the head message. */
  readonly turnId: string | null;
  /** True for the one branch that grows the segment; the others open a new one when they grow. */
  readonly isTip: boolean;
  /** Tool calls on the path that have no result yet. */
  readonly pending: readonly string[];
  readonly reason: "main" | "fork" | "edit" | "cut" | "diverged";
  /** The branch it came from. */
  readonly of?: string;
  readonly createdAt: number;
}

export interface LastMessage {
  readonly id: string;
  readonly role: Role;
  /** At most 100 characters. */
  readonly text: string;
  readonly at: number;
}

/** A message that waits for its branch to be free. */
export interface QueuedMessage {
  readonly messageId: string;
  readonly branch: string;
  readonly runId?: string;
  /** Version of its `message.enqueue` entry. */
  readonly version: number;
  readonly role?: Role;
  readonly preview: LastMessage | null;
}

/** A message that a run is writing. */
export interface OpenMessage {
  readonly messageId: string;
  readonly branch: string;
  readonly runId: string;
  /** Version of its `message.open` entry. */
  readonly version: number;
  readonly role: Role;
}

/** The part of a thread that changes with every message. Bounded: nothing in it grows with the thread. */
export interface ThreadActivity {
  readonly updatedAt: number;
  /** Messages that ever took a place in the tree, on all branches; a trim does not lower it. */
  readonly messagesTotal: number;
  readonly runCount: number;
  /** Segments that this thread has opened. */
  readonly segments: number;
  /** Branches ever made, for automatic names. */
  readonly branchesMade: number;
  readonly lastMessage: LastMessage | null;
  readonly lastRunId: string | null;
  readonly runsByStatus: Readonly<Record<string, number>>;
  readonly usage: Usage;
  readonly cost: Cost;
  readonly open: readonly OpenMessage[];
  readonly queued: readonly QueuedMessage[];
  /** Runs that have not ended, in the order in which they were asked for. */
  readonly runs: readonly Run[];
  /** Which run holds which branch. */
  readonly holds: Readonly<Record<string, string>>;
}

/** All that `decide` needs to know of a thread. */
export interface ThreadHead {
  readonly version: number;
  readonly profile: ThreadProfile;
  readonly activity: ThreadActivity;
  readonly branches: Readonly<Record<string, BranchHead>>;
}

// Frozen, because every new thread shares it.
export const EMPTY_ACTIVITY: ThreadActivity = Object.freeze({
  updatedAt: 0,
  messagesTotal: 0,
  runCount: 0,
  segments: 1,
  branchesMade: 1,
  lastMessage: null,
  lastRunId: null,
  runsByStatus: Object.freeze({}),
  usage: NO_USAGE,
  cost: NO_COST,
  open: Object.freeze([]),
  queued: Object.freeze([]),
  runs: Object.freeze([]),
  holds: Object.freeze({}),
});

/** A thread's header, as callers see it. */
export interface Thread {
  readonly id: string;
  readonly version: number;
  readonly owner: string;
  readonly title: string | null;
  readonly titleSource: TitleSource;
  readonly agentId: string | null;
  readonly kind: string;
  readonly status: ThreadStatus;
  readonly activeRunId: string | null;
  readonly metadata: JsonObject;
  readonly tags: readonly string[];
  readonly members: Readonly<Record<string, MemberRole>>;
  readonly environment?: JsonObject;
  readonly forkedFrom?: ThreadProfile["forkedFrom"];
  readonly links?: ThreadProfile["links"];
  readonly parent?: ThreadProfile["parent"];
  /** The name by which its owner finds it. */
  readonly alias?: string;
  /** When its time is over, as of now, in milliseconds since the epoch. */
  readonly expiresAt?: number;
  /** Milliseconds from the last change to `expiresAt`; absent: it is fixed. */
  readonly slidingMs?: number;
  /** Erased for good when it expires, instead of deleted. */
  readonly ephemeral?: true;
  /** Nothing of the thread may go as long as it is held. */
  readonly hold?: ThreadProfile["hold"];
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly archivedAt: number | null;
  readonly deletedAt: number | null;
  /** Messages on `main` that can be read, queued ones not counted. */
  readonly messageCount: number;
  /** Messages that ever were on any branch, trimmed ones too. */
  readonly messagesTotal: number;
  /** Present once the thread was trimmed. */
  readonly trimmed?: {
    /** The oldest version that can be read. */
    readonly version: number;
    /** Messages of `main` that are gone. */
    readonly messages: number;
  };
  readonly lastMessage: LastMessage | null;
  readonly usage: Usage;
  readonly cost: Cost;
}

/** `requires_action` wins over `active`: a person is waited for, even while the run still does something else. */
export function statusOf(activity: ThreadActivity): ThreadStatus {
  if (activity.runs.length === 0) return "idle";
  return activity.runs.some(({ actions }) => actions?.some(isForPerson) === true)
    ? "requires_action"
    : "active";
}

/** Messages of a branch's path that can be read. */
export function messagesOn({ count, floor }: Pick<BranchHead, "count" | "floor">): number {
  return count - (floor?.trimmed ?? 0);
}

/** The oldest version that can be read. */
export function oldestVersion({ profile }: ThreadHead): number {
  return profile.trim?.version ?? 1;
}

export function threadOf(head: ThreadHead): Thread {
  const { profile, activity } = head;
  const {
    tenant: _tenant,
    purgedAt: _purgedAt,
    state: _state,
    stateVersion: _stateVersion,
    titleOf: _titleOf,
    files: _files,
    context: _context,
    trim,
    expiry,
    ...visible
  } = profile;
  const end = expiresAt(expiry, activity.updatedAt);
  const main = head.branches[MAIN];
  return {
    ...visible,
    ...(trim && { trimmed: { version: trim.version, messages: main?.floor?.trimmed ?? 0 } }),
    ...(end !== null && { expiresAt: end }),
    ...(expiry?.slidingMs !== undefined && { slidingMs: expiry.slidingMs }),
    ...(expiry?.isErased && { ephemeral: true }),
    version: head.version,
    status: statusOf(activity),
    activeRunId: activity.holds[MAIN] ?? Object.values(activity.holds)[0] ?? null,
    updatedAt: activity.updatedAt,
    messageCount: main === undefined ? 0 : messagesOn(main),
    messagesTotal: activity.messagesTotal,
    lastMessage: activity.lastMessage,
    usage: activity.usage,
    cost: activity.cost,
  };
}
