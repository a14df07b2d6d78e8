import type { JsonObject } from "./json.ts";
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

export type RunEvent =
  | "claim"
  | "require_action"
  | "resume"
  | "request_cancel"
  | "complete"
  | "fail"
  | "cancel"
  | "stop_short"
  | "expire";

type Row = Readonly<Record<RunEvent, RunStatus | "ignore" | "refuse">>;

const ENDED: Row = {
  claim: "refuse",
  require_action: "refuse",
  resume: "refuse",
  request_cancel: "ignore",
  complete: "refuse",
  fail: "refuse",
  cancel: "refuse",
  stop_short: "refuse",
  expire: "refuse",
};

/** The run state machine. Every other place asks this table. */
export const RUN_TRANSITIONS: Readonly<Record<RunStatus, Row>> = {
  queued: {
    claim: "running",
    require_action: "refuse",
    resume: "refuse",
    request_cancel: "cancelled",
    complete: "refuse",
    fail: "failed",
    cancel: "cancelled",
    stop_short: "refuse",
    expire: "expired",
  },
  running: {
    claim: "running",
    require_action: "requires_action",
    resume: "refuse",
    request_cancel: "cancelling",
    complete: "completed",
    fail: "failed",
    cancel: "cancelled",
    stop_short: "incomplete",
    expire: "expired",
  },
  requires_action: {
    claim: "refuse",
    require_action: "refuse",
    resume: "queued",
    request_cancel: "cancelled",
    complete: "refuse",
    fail: "failed",
    cancel: "cancelled",
    stop_short: "incomplete",
    expire: "expired",
  },
  // Whatever the worker was about to report, the caller asked for a stop.
  cancelling: {
    claim: "cancelling",
    require_action: "cancelled",
    resume: "refuse",
    request_cancel: "ignore",
    complete: "cancelled",
    fail: "cancelled",
    cancel: "cancelled",
    stop_short: "cancelled",
    expire: "cancelled",
  },
  completed: ENDED,
  failed: ENDED,
  cancelled: ENDED,
  incomplete: ENDED,
  expired: ENDED,
};

export function isEnded(status: RunStatus): boolean {
  return RUN_TRANSITIONS[status] === ENDED;
}

/** The agent that exists without any configuration. */
export const DEFAULT_AGENT = "assistant";

/** What to do when a run is asked for on a branch that another run holds. */
export type MultitaskStrategy = "reject" | "enqueue";

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
  /** The newest message that the run wrote. */
  readonly lastMessageId?: string;
}

export type StepKind = "model" | "tool";

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
  /** The message that the step writes. */
  readonly messageId?: string;
  readonly startedAt: number;
  readonly endedAt?: number;
  readonly usage?: Usage;
  readonly error?: RunError;
}
