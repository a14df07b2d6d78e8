import type { RunAction } from "../model/command.ts";
import { isSkeinError } from "../model/error.ts";
import type { MessageReason } from "../model/message.ts";
import type { Part, ToolCallPart } from "../model/part.ts";
import type { RunError, Step } from "../model/run.ts";
import type { RunEvent } from "../model/run-transitions.ts";
import { addCost } from "../model/usage.ts";
import type { Cost } from "../model/usage.ts";
import { callState } from "./call-state.ts";
import { costOf, priceFor } from "./cost.ts";
import { crashPoint } from "./crash-point.ts";
import { interruptedTool } from "./execute-tool.ts";
import { toolsOf } from "./handoff.ts";
import type { RunContext, RunServices } from "./run-context.ts";
import { lastModelStep } from "./run-state.ts";
import type { RunState } from "./run-state.ts";
import type { StopCause } from "./run-stop.ts";
import { newestAttempt } from "./streamed-parts.ts";

/** How a run ends that did not come to its end. */
export interface EarlyEnd {
  readonly event: Extract<RunEvent, "cancel" | "fail" | "stop_short" | "expire">;
  readonly reason: MessageReason;
  readonly error?: RunError;
  /** What the open message says, where the caller knows better than the chunks. */
  readonly parts?: readonly Part[];
  /** Of the open message. Default: one call of unknown cost. */
  readonly cost?: Cost;
}

const CANCELLED: EarlyEnd = { event: "cancel", reason: "cancelled" };

const EXPIRED: EarlyEnd = {
  event: "expire",
  reason: "error",
  error: { code: "run_expired", message: "The run was not done when its time was over." },
};

/** How a run ends that was told to stop. */
export function stopEnd(cause: StopCause | undefined): EarlyEnd {
  return cause === "expired" ? EXPIRED : CANCELLED;
}

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
  for (const call of calls) actions.push(...closedCall(services, state, call));
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

/** What is known of a call that was begun, or that somebody was asked about for that reason. The others are closed with the
 *  run. */
function closedCall(
  { agents, ids }: RunServices,
  { run, steps }: RunState,
  call: ToolCallPart,
): readonly RunAction[] {
  const { callId, name } = call;
  const { actions = [] } = run;
  const step = steps.find(({ key }) => key === `tool:${callId}`);
  const isInDoubt = actions.some(
    (action) => action.callId === callId && action.kind === "verify" && action.status !== "done",
  );
  if (step === undefined) return [];
  if (callState(callId, step, actions).phase !== "interrupted" && !isInDoubt) return [];
  const agentId = lastModelStep(steps)?.agentId ?? run.agentId;
  const tools = agents.has(agentId) ? toolsOf(agents.get(agentId), agents) : undefined;
  // Of a tool that is gone nobody knows whether it may run twice.
  const result = interruptedTool(
    tools?.find((tool) => tool.name === name),
    call,
  );
  return [
    {
      kind: "message.append",
      message: {
        id: step.messageId ?? ids("msg"),
        role: "tool",
        parts: [result],
        stepId: step.id,
      },
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
