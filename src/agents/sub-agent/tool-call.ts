import type { RunAction } from "../../model/command.ts";
import { isSkeinError } from "../../model/error.ts";
import { isJsonObject } from "../../model/json.ts";
import type { Json } from "../../model/json.ts";
import type { ToolCallPart, ToolResultPart } from "../../model/part.ts";
import type { Step } from "../../model/run.ts";
import type { Tool } from "../agent.ts";
import { nextActionId } from "../call-state.ts";
import { notCarriedOut } from "../execute-tool.ts";
import type { RunContext } from "../run-context.ts";
import type { RunState } from "../run-state.ts";
import { checkToolInput } from "../tool-input.ts";
import { calledIn, callOutcome, requestCall } from "./called-run.ts";

/** A call of a tool that is an agent, which may be carried out. */
export interface AgentToolCall {
  readonly call: ToolCallPart;
  readonly tool: Tool & { readonly agentName: string };
  readonly step: Step;
  /** A decision that is used up by the call. */
  readonly usedActionId?: string | undefined;
}

/** What is to be done about it. */
export type AgentCallPlan =
  /** The agent is to be called: this is written first, then its thread is made. */
  | { readonly kind: "call"; readonly actions: readonly RunAction[] }
  | {
      readonly kind: "answer";
      readonly result: ToolResultPart;
      readonly used?: readonly RunAction[];
    };

export async function planAgentCall(
  { services, key }: Pick<RunContext, "services" | "key">,
  { run }: Pick<RunState, "run">,
  { call, tool, step, usedActionId }: AgentToolCall,
): Promise<AgentCallPlan> {
  const { actions = [] } = run;
  const { callId, name } = call;
  const done = actions.findLast((action) => action.callId === callId && action.kind === "run");
  if (done?.status === "decided") {
    const outcome = await callOutcome(services, key.tenant, calledIn(done));
    const { called, used = [] } = outcome ?? {};
    if (called?.status !== "completed") {
      const text = called?.text ?? "What it came to is not known.";
      return { kind: "answer", result: notCarriedOut(call, "error", text), used };
    }
    const output = { type: "text", text: called.text } as const;
    return {
      kind: "answer",
      result: { type: "tool-result", callId, name, outcome: "ok", output },
      used,
    };
  }
  const checked = await checkToolInput(tool, call);
  if (!checked.isValid)
    return { kind: "answer", result: notCarriedOut(call, "error", checked.problem) };
  try {
    const actionId = nextActionId(callId, actions);
    const asked = { agentName: tool.agentName, task: taskIn(checked.input) };
    const callMessageId = step.input?.messageId;
    const about = { callId, ...(callMessageId !== undefined && { callMessageId }) };
    const { called, actions: request } = requestCall(services, run, { actionId, ...about }, asked);
    const start = { kind: "step.start", step: { ...step, called } } as const;
    const settled: readonly RunAction[] =
      usedActionId === undefined ? [] : [{ kind: "action.done", actionId: usedActionId }];
    return { kind: "call", actions: [start, ...settled, ...request] };
  } catch (error) {
    if (!isSkeinError(error)) throw error;
    return { kind: "answer", result: notCarriedOut(call, "error", error.message) };
  }
}

function taskIn(input: Json): string {
  if (!isJsonObject(input)) return "";
  const { task } = input;
  return typeof task === "string" ? task : "";
}
