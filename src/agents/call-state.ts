import type { Action } from "../model/action.ts";
import type { Json } from "../model/json.ts";
import type { ToolOutput } from "../model/part.ts";
import type { Step } from "../model/run.ts";

/** Where a tool call stands that has no result yet, by the run's journal.
 *  `new`          nobody has looked at it
 *  `waiting`      somebody else has to do something first
 *  `overdue`      nobody did, and the time for it is over
 *  `interrupted`  it was begun, and what became of it is not known
 *  `ready`        it can be carried out */
export type CallPhase = "new" | "waiting" | "overdue" | "interrupted" | "ready";

export interface CallState {
  readonly phase: CallPhase;
  /** The decision that is used up when the call is begun. */
  readonly usedActionId?: string;
  /** Arguments that a person chose instead of the model's. */
  readonly input?: Json;
  /** What was answered to the newest suspension. */
  readonly answer?: ToolOutput;
}

/** An attempt of 0 stands in the journal of a call that was looked at and may be begun without asking. */
export function callState(
  callId: string,
  step: Pick<Step, "attempt"> | undefined,
  all: readonly Action[],
): CallState {
  const actions = all.filter((action) => action.callId === callId);
  const last = actions.at(-1);
  const given = { ...inputIn(actions), ...answerIn(actions) };
  if (last?.status === "waiting") return { phase: "waiting", ...given };
  if (last?.status === "decided") {
    const phase = last.decision?.type === "due" ? "overdue" : "ready";
    return { phase, usedActionId: last.id, ...given };
  }
  if ((step?.attempt ?? 0) > 0) return { phase: "interrupted", ...given };
  return { phase: step === undefined && last === undefined ? "new" : "ready", ...given };
}

/** An id for the next thing that is asked about a call: the call's own, then `call:2` and so on. */
export function nextActionId(callId: string, actions: readonly Pick<Action, "id">[]): string {
  // Models name their calls as they like; who decides names the action in an address.
  const base = callId.replaceAll(/[^A-Za-z0-9._:-]/g, "_").slice(0, 120) || "call";
  let id = base;
  for (let n = 2; actions.some((action) => action.id === id); n++) id = `${base}:${n}`;
  return id;
}

function inputIn(actions: readonly Action[]): Pick<CallState, "input"> {
  const changed = actions.findLast(
    ({ decision }) => decision?.type === "approve" && decision.input !== undefined,
  )?.decision;
  return changed?.type === "approve" && changed.input !== undefined ? { input: changed.input } : {};
}

/** How often a call has suspended itself. */
export function suspensions(callId: string, actions: readonly Action[]): number {
  return actions.filter((action) => action.callId === callId && isSuspension(action)).length;
}

function isSuspension({ kind }: Action): boolean {
  return kind === "input" || kind === "auth" || kind === "external";
}

function answerIn(actions: readonly Action[]): Pick<CallState, "answer"> {
  const answered = actions.findLast(
    (action) => isSuspension(action) && action.decision?.type === "output",
  )?.decision;
  if (answered?.type !== "output") return {};
  const { outcome, output } = answered;
  return {
    answer: outcome === "error" && output.type === "text" ? { ...output, type: "error" } : output,
  };
}
