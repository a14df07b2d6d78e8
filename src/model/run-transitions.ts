import type { RunStatus } from "./run.ts";

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
