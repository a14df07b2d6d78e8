import type { Action } from "../model/action.ts";
import type { RunAction } from "../model/command.ts";
import type { Step } from "../model/run.ts";
import type { RunState } from "./run-state.ts";

/** Ends the steps of calls that a decision has answered meanwhile, with the answer that it put into the thread. */
export function settledSteps(
  { run, steps }: Pick<RunState, "run" | "steps">,
  endedAt: number,
): readonly RunAction[] {
  const answers = (run.actions ?? []).filter(({ messageId }) => messageId !== undefined);
  if (answers.length === 0) return [];
  return steps.flatMap((step) => {
    const answer = answers.findLast(({ callId }) => callId === step.input?.callId);
    if (answer === undefined || step.messageId === answer.messageId) return [];
    return [{ kind: "step.end", step: settled(step, answer, endedAt) }];
  });
}

function settled(
  { error: _error, ...step }: Step,
  { decision, messageId }: Action,
  endedAt: number,
): Step {
  const isOk = decision?.type === "output" && decision.outcome !== "error";
  return {
    ...step,
    status: isOk ? "completed" : "failed",
    endedAt,
    ...(messageId !== undefined && { messageId }),
  };
}
