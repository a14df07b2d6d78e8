import type { MarkerPart, ToolResultPart } from "../model/part.ts";
import type { RunAction } from "../model/command.ts";
import { tool } from "./agent.ts";
import type { Agent, Tool } from "./agent.ts";
import type { AgentRegistry } from "./agent-registry.ts";
import { transferToolName } from "./handoff-name.ts";

/** The tools that an agent's model is told of: its own, and one for each agent that it may hand the run over to. */
export function toolsOf(agent: Agent, agents: Pick<AgentRegistry, "get">): readonly Tool[] {
  const { tools = [], handoffs = [] } = agent;
  if (handoffs.length === 0) return tools;
  return [...tools, ...handoffs.map((name) => transferTool(agents.get(name)))];
}

/** The agent that a call hands the run over to. */
export function handoffTarget({ handoffs = [] }: Agent, toolName: string): string | undefined {
  return handoffs.find((name) => transferToolName(name) === toolName);
}

/** What a hand-over writes beside the result of its call. */
export function handover(
  from: string,
  to: string,
): { readonly marker: MarkerPart; readonly action: RunAction } {
  return {
    marker: { type: "marker", kind: "handoff", payload: { from, to } },
    action: { kind: "run.handover", agentId: to },
  };
}

/** The result of a hand-over that came behind another one of the same message. */
export function lateHandover(result: ToolResultPart, to: string): ToolResultPart {
  const text = `The conversation was handed over to ${to} already.`;
  return { ...result, outcome: "error", output: { type: "error", text } };
}

function transferTool({ name, description = "" }: Agent): Tool {
  return tool({
    name: transferToolName(name),
    description: `Hands the rest of this answer over to ${name}. ${description}`.trim(),
    input: {
      type: "object",
      properties: { reason: { type: "string", description: "Why, in one sentence." } },
    },
    effect: "idempotent",
    execute: () => `Handed over to ${name}.`,
  });
}
