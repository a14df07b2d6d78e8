import type { ActionKind } from "../model/action.ts";
import type { ToolCallPart } from "../model/part.ts";
import type { Json } from "../model/json.ts";
import type { Agent, Tool, ToolContext } from "./agent.ts";
import { reasonOf } from "./execute-tool.ts";
import type { HookContext, Hooks, ToolVerdict } from "./hooks.ts";
import { checkToolInput } from "./tool-input.ts";

/** What happens to a tool call that nobody has looked at. */
export type Gate =
  /** `isFixed`: would be found again by looking again, so that the journal need not say it. */
  | { readonly kind: "run"; readonly isFixed: boolean }
  | {
      readonly kind: "ask";
      readonly for: Extract<ActionKind, "approval" | "tool_output">;
      readonly prompt?: string;
    }
  | { readonly kind: "refuse"; readonly outcome: "denied" | "error"; readonly text: string };

export interface GateInput {
  readonly call: ToolCallPart;
  readonly tool: Tool | undefined;
  readonly agent: Pick<Agent, "approvals">;
  /** In the order in which they are asked. */
  readonly hooks: readonly Hooks[];
  readonly hookContext: HookContext;
  readonly toolContext: ToolContext;
}

/** Looks at a call: the hooks first, then who carries it out, then what the agent and the tool say. A call that cannot work is
 *  carried out at once, so that the model is told what is wrong with it and nobody is asked for nothing. */
export async function gateCall({
  call,
  tool,
  agent,
  hooks,
  hookContext,
  toolContext,
}: GateInput): Promise<Gate> {
  if (tool === undefined) return { kind: "run", isFixed: true };
  try {
    const checked = await checkToolInput(tool, call);
    if (!checked.isValid) return { kind: "run", isFixed: true };
    const verdict = await verdictOf(hooks, call, hookContext);
    if (verdict?.type === "deny")
      return { kind: "refuse", outcome: "denied", text: verdict.reason ?? "A rule said no." };
    if (tool.executor === "client") return { kind: "ask", for: "tool_output" };
    if (verdict?.type === "ask")
      return {
        kind: "ask",
        for: "approval",
        ...(verdict.prompt !== undefined && { prompt: verdict.prompt }),
      };
    const hasHook = hooks.some((hook) => hook.beforeTool !== undefined);
    const { mustAsk, isFixed } =
      verdict?.type === "allow"
        ? { mustAsk: false, isFixed: false }
        : await policyOf(agent, tool, checked.input, toolContext);
    return mustAsk
      ? { kind: "ask", for: "approval" }
      : { kind: "run", isFixed: isFixed && !hasHook };
  } catch (error) {
    const text = `The call was not carried out, because what decides on it failed: ${reasonOf(error)}`;
    return { kind: "refuse", outcome: "error", text };
  }
}

async function verdictOf(
  hooks: readonly Hooks[],
  call: ToolCallPart,
  context: HookContext,
): Promise<ToolVerdict | undefined> {
  for (const hook of hooks) {
    const verdict = await hook.beforeTool?.(call, context);
    if (verdict !== undefined) return verdict;
  }
  return undefined;
}

/** The agent's word for all or none of its tools counts; else either of them can have a person asked. */
async function policyOf(
  { approvals }: Pick<Agent, "approvals">,
  { name, approval = "never" }: Tool,
  input: Json,
  context: ToolContext,
): Promise<{ readonly mustAsk: boolean; readonly isFixed: boolean }> {
  if (approvals === "never") return { mustAsk: false, isFixed: true };
  if (approvals === "always" || approvals?.includes(name) === true || approval === "always")
    return { mustAsk: true, isFixed: true };
  if (approval === "never") return { mustAsk: false, isFixed: true };
  return { mustAsk: await approval(input, context), isFixed: false };
}
