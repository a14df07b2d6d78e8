import type { Action, Signal } from "./action.ts";
import type { Json, JsonObject } from "./json.ts";
import type { Floor, SegmentRef } from "./message.ts";
import type { Cost, Usage } from "./usage.ts";

export type RunStatus =
  | "queued"
  | "running"
  | "requires_action"
  | "cancelling"
  | "completed"
  | "failed"
  | "cancelled"
  | "incomplete"
  | "expired";

/** The agent that exists without any configuration. */
export const DEFAULT_AGENT = "assistant";

/** What to do when a run is asked for on a branch that another run holds:
 *  `reject`    refuse with `run_active`
 *  `enqueue`   wait for its turn, first come, first served
 *  `interrupt` cancel it, keep what it wrote, and answer next, for all that waited too
 *  `rollback`  like `interrupt`, and take the branch back to before it; what it wrote stays as `main~n` */
export type MultitaskStrategy = "reject" | "enqueue" | "interrupt" | "rollback";

export const STRATEGIES: readonly MultitaskStrategy[] = [
  "reject",
  "enqueue",
  "interrupt",
  "rollback",
];

export interface RunError {
  readonly code: string;
  readonly message: string;
}

/** What a caller asks for. */
export interface NewRun {
  readonly id: string;
  /** Default: the thread's agent. */
  readonly agentId?: string;
  readonly strategy: MultitaskStrategy;
  readonly model?: string;
  /** Instructions for this run instead of the agent's. */
  readonly instructions?: string;
  readonly metadata?: JsonObject;
  /** Milliseconds after its creation at which it expires unless it has ended. Absent: never. */
  readonly expiresInMs?: number;
  /** What an agent that is a function is given; changes when it continues as a new segment. At most 32 KiB. */
  readonly input?: Json;
  /** The call of another agent that this run answers. */
  readonly parent?: RunParent;
}

export interface RunParent {
  readonly threadId: string;
  readonly runId: string;
  /** The action of the parent that waits for this run. */
  readonly actionId: string;
  /** 1 for a run that was called by a run that nobody called. */
  readonly depth: number;
}

/** The owner of a run that waits for another process to go on with it. */
export const NOBODY = "";

/** One execution of an agent on a branch. */
export interface Run extends NewRun {
  readonly agentId: string;
  readonly threadId: string;
  readonly branch: string;
  readonly status: RunStatus;
  /** Grows with every claim; a write with an older fence is refused. */
  readonly fence: number;
  /** The process that runs it; absent until claimed, `NOBODY` when that process gave it up. */
  readonly owner?: string;
  /** Claims since it last got something done; absent: none. A run that is claimed too often without getting on is ended. */
  readonly attempts?: number;
  /** Raised by one whenever the run goes on after it waited or continued anew; absent: 0. */
  readonly segment?: number;
  /** The segment at which it last continued anew; its journal before that is not read any more. */
  readonly journalFrom?: number;
  /** What it waits or has waited for in this journal, in the order in which it asked. */
  readonly actions?: readonly Action[];
  /** Events that it has not taken, oldest first. */
  readonly signals?: readonly Signal[];
  /** What the run says of itself. At most 16 KiB. */
  readonly customStatus?: Json;
  /** Milliseconds since the epoch. */
  readonly expiresAt?: number;
  /** When something that it waits for decides itself. */
  readonly wakeAt?: number;
  /** The branch as it was before the run and what the run was asked. */
  readonly base?: RunBase;
  /** The branch goes back to `base` when the run ends. */
  readonly isRolledBack?: boolean;
  /** Who asked for it. */
  readonly requestedBy: string;
  /** Messages that wait for this run's turn on the branch. */
  readonly inputIds: readonly string[];
  readonly turnId: string | null;
  readonly createdAt: number;
  readonly startedAt?: number;
  readonly endedAt?: number;
  readonly error?: RunError;
  readonly usage: Usage;
  readonly cost: Cost;
  /** Of the runs that it called, and those that they called. Not part of `usage` and `cost`. */
  readonly called?: { readonly usage: Usage; readonly cost: Cost };
  /** The newest message that the run wrote. */
  readonly lastMessageId?: string;
}

/** Where a branch stood, with no call unanswered. */
export interface RunBase {
  readonly segment: SegmentRef;
  readonly position: number;
  readonly messageId: string | null;
  readonly count: number;
  readonly floor?: Floor;
  readonly turnId: string | null;
}

/** `model` asked a model, `tool` carried a tool out, `agent` called another agent, `task` did what an agent that is a function
 *  wanted to have done once, `wait` waited, `compact` summed up what had left the model's window. */
export type StepKind = "model" | "tool" | "agent" | "task" | "wait" | "compact";

/** One journaled unit of a run. Its key is logical (`model:2`, `tool:call_1`), so that replay cannot misalign. */
export interface Step {
  readonly runId: string;
  readonly key: string;
  readonly id: string;
  readonly kind: StepKind;
  /** Tool or model. */
  readonly name: string;
  readonly agentId: string;
  readonly attempt: number;
  readonly fence: number;
  readonly status: "running" | "completed" | "failed" | "cancelled";
  /** The process that worked on it. */
  readonly worker?: string;
  /** Absent: 0. */
  readonly segment?: number;
  /** What it worked on: a message, or a call in one. */
  readonly input?: { readonly messageId?: string; readonly callId?: string };
  /** The message that the step writes. */
  readonly messageId?: string;
  /** What a `task`, `agent` or `wait` came to, at most 32 KiB. Nobody reads it to go on once the journal has begun anew. */
  readonly output?: Json;
  /** The run that an `agent` step started. */
  readonly called?: { readonly threadId: string; readonly runId: string };
  readonly startedAt: number;
  readonly endedAt?: number;
  readonly usage?: Usage;
  readonly error?: RunError;
}
