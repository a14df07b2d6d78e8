import { isEnded, RUN_TRANSITIONS } from "../model/run-transitions.ts";
import type { Run } from "../model/run.ts";
import type { ThreadKey } from "./key.ts";

/** A run and the thread that it is in. */
export interface StoredRun {
  readonly key: ThreadKey;
  readonly run: Run;
}

/** What there is to do about a run. Adapters index runs by it, so that those that wait cost nothing. */
export interface RunAgenda {
  /** A worker can claim it, or has: it holds its branch and does not wait. */
  readonly isRunnable: boolean;
  /** When it has to be looked at although nobody works on it: something that it waits for is due, or it expires. A run that is
   *  worked on has no such time, because its worker has a clock. Milliseconds since the epoch. */
  readonly dueAt: number | null;
  /** It waits for a run that it called. */
  readonly isCalling: boolean;
}

export function agendaOf(run: Run, holds: boolean): RunAgenda {
  const { status, actions = [] } = run;
  const isWaiting = status === "requires_action";
  return {
    isRunnable: holds && RUN_TRANSITIONS[status].claim !== "refuse",
    dueAt: dueAtOf(run),
    isCalling:
      isWaiting && actions.some((action) => action.kind === "run" && action.status === "waiting"),
  };
}

function dueAtOf({ status, expiresAt, wakeAt }: Run): number | null {
  if (isEnded(status) || status === "running" || status === "cancelling") return null;
  const dues = status === "requires_action" ? [expiresAt, wakeAt] : [expiresAt];
  const times = dues.filter((at) => at !== undefined);
  return times.length === 0 ? null : Math.min(...times);
}
