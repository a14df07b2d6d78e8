import type { RunAction } from "../model/command.ts";
import type { Run, Step } from "../model/run.ts";
import type { RunState } from "./run-state.ts";

/** Ends the steps of calls that a decision has answered meanwhile. */
export function settledSteps(
  { run, branch, steps }: Pick<RunState, "run" | "branch" | "steps">,
  endedAt: number,
): readonly RunAction[] {
  return steps
    .filter((step) => step.kind === "tool" && step.status === "running" && !isOpen(step))
    .map((step) => ({ kind: "step.end", step: { ...step, ...outcomeOf(step, run), endedAt } }));

  function isOpen({ input }: Step): boolean {
    return input?.callId === undefined || branch.pending.includes(input.callId);
  }
}

function outcomeOf({ input }: Step, { actions = [] }: Run): Pick<Step, "status" | "messageId"> {
  const answer = actions.findLast(
    ({ callId, messageId }) => callId === input?.callId && messageId !== undefined,
  );
  const { decision, messageId } = answer ?? {};
  const isOk = decision?.type === "output" && decision.outcome !== "error";
  return {
    status: isOk ? "completed" : "failed",
    ...(messageId !== undefined && { messageId }),
  };
}
