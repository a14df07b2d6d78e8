import type { RunAction } from "../model/command.ts";
import { isSkeinError } from "../model/error.ts";
import type { MessageReason } from "../model/message.ts";
import type { Part, ToolCallPart } from "../model/part.ts";
import type { RunError, Step } from "../model/run.ts";
import type { RunEvent } from "../model/run-transitions.ts";
import { addCost } from "../model/usage.ts";
import type { Cost } from "../model/usage.ts";
import { costOf, priceFor } from "./cost.ts";
import { crashPoint } from "./crash-point.ts";
import { interruptedTool } from "./execute-tool.ts";
import type { RunContext } from "./run-context.ts";
import type { RunState } from "./run-state.ts";
import { newestAttempt } from "./streamed-parts.ts";

/** How a run ends that did not come to its end. */
export interface EarlyEnd {
  readonly event: Extract<RunEvent, "cancel" | "fail" | "stop_short">;
  readonly reason: MessageReason;
  readonly error?: RunError;
  /** What the open message says, where the caller knows better than the chunks. */
  readonly parts?: readonly Part[];
  /** Of the open message. Default: one call of unknown cost. */
  readonly cost?: Cost;
}

export const CANCELLED: EarlyEnd = { event: "cancel", reason: "cancelled" };

export const INTERRUPTED: EarlyEnd = {
  event: "fail",
  reason: "crashed",
  error: {
    code: "run_interrupted",
    message:
      "The run was interrupted too often and was ended. The text that it had written is kept.",
  },
};

export function failure(error: unknown): EarlyEnd {
  return { event: "fail", reason: "error", error: runErrorOf(error) };
}

/** Ends a run in one commit: the open message keeps the text that was written, tool calls under way get a result that
 *  says what is known of them, and what else is unanswered is closed. */
export async function endEarly(
  context: Pick<RunContext, "services" | "key" | "run" | "journal"> & Partial<RunContext>,
  state: RunState,
  end: EarlyEnd,
): Promise<void> {
  const { services, key, journal } = context;
  const { open, steps, calls } = state;
  const actions: RunAction[] = [];
  if (open !== undefined) {
    const { worker } = services.engine;
    const parts =
      end.parts ?? newestAttempt(await worker.listChunks(key.tenant, key.id, open.messageId));
    actions.push({
      kind: "message.commit",
      id: open.messageId,
      parts,
      status: "incomplete",
      reason: end.reason,
      cost: end.cost ?? costOfAttempts(context, 1),
    });
  }
  for (const call of calls) actions.push(...closedCall(context, call, steps));
  for (const step of steps)
    if (step.status === "running")
      actions.push({ kind: "step.end", step: ended(step, end, services.clock()) });
  actions.push({ kind: "run.event", event: end.event, ...(end.error && { error: end.error }) });
  crashPoint("before-early-end");
  await journal.commit(actions);
  crashPoint("after-early-end");
}

/** What model calls cost that reported nothing. */
export function costOfAttempts(
  { services, agent, model, run }: Pick<RunContext, "services" | "run"> & Partial<RunContext>,
  count: number,
): Cost {
  const price =
    agent === undefined || model === undefined
      ? undefined
      : priceFor(model.id, agent, run, services.prices);
  let cost: Cost = { nanoDollars: 0, unpricedCalls: 0 };
  for (let n = 0; n < count; n++) cost = addCost(cost, costOf(undefined, price));
  return cost;
}

/** What went wrong, for people and programs. A fault of our own says no more than its message. */
export function runErrorOf(error: unknown): RunError {
  if (isSkeinError(error)) return { code: error.code, message: error.message };
  const reason = error instanceof Error ? error.message : String(error);
  return { code: "internal", message: `A fault in Skein: ${reason}` };
}

function closedCall(
  { services, agent }: Pick<RunContext, "services"> & Partial<RunContext>,
  call: ToolCallPart,
  steps: readonly Step[],
): readonly RunAction[] {
  const step = steps.find(({ key }) => key === `tool:${call.callId}`);
  // A call that was never begun is closed with the run.
  if (step === undefined) return [];
  const tool = agent?.tools?.find(({ name }) => name === call.name);
  const id = step.messageId ?? services.ids("msg");
  return [
    {
      kind: "message.append",
      message: { id, role: "tool", parts: [interruptedTool(tool, call)], stepId: step.id },
    },
  ];
}

function ended(step: Step, end: EarlyEnd, endedAt: number): Step {
  return {
    ...step,
    status: end.event === "cancel" ? "cancelled" : "failed",
    endedAt,
    ...(end.error && { error: end.error }),
  };
}
