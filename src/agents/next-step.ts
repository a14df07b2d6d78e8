import type { ToolCallPart } from "../model/part.ts";
import type { Step } from "../model/run.ts";
import { lastModelStep } from "./run-state.ts";
import type { RunState } from "./run-state.ts";

/** Tries of one model step, whether they failed or were interrupted. */
export const MODEL_ATTEMPTS = 3;

export type NextStep =
  /** `previous` is the step when it was begun before: then its message is open. */
  | {
      readonly kind: "model";
      readonly number: number;
      readonly attempt: number;
      readonly previous: Step | undefined;
    }
  | { readonly kind: "tools"; readonly calls: readonly ToolCallPart[] }
  /** A model step was interrupted too often. */
  | { readonly kind: "give-up" }
  /** The run has made all the model calls that it may. */
  | { readonly kind: "limit" };

/** What a run does next, by its journal: finish what was begun, answer what was called, else ask the model. */
export function nextStep(
  { steps, open, calls }: Pick<RunState, "steps" | "open" | "calls">,
  maxSteps: number,
): NextStep {
  const last = lastModelStep(steps);
  const number = steps.filter(({ kind }) => kind === "model").length;
  if (open !== undefined) {
    const attempt = (last?.attempt ?? 0) + 1;
    return attempt > MODEL_ATTEMPTS
      ? { kind: "give-up" }
      : { kind: "model", number: Math.max(1, number), attempt, previous: last };
  }
  if (calls.length > 0) return { kind: "tools", calls };
  if (number >= maxSteps) return { kind: "limit" };
  return { kind: "model", number: number + 1, attempt: 1, previous: undefined };
}
