import { SkeinError } from "../../model/error.ts";
import { tool } from "../agent.ts";
import type { Tool } from "../agent.ts";

export interface AgentToolOptions {
  /** Name of the agent. It has to be there when the tool is called. */
  readonly agent: string;
  /** Default: the agent's name, with `_` for what a tool's name cannot have. */
  readonly name?: string;
  /** When to give it a task, and which. */
  readonly description: string;
  /** As for any tool. */
  readonly approval?: NonNullable<Tool["approval"]>;
}

/** A tool that is another agent. It gets its task in a thread of its own, knows nothing of the caller's, and what it says last is
 *  the result. Several can work at once, and the caller waits without a worker. Where nothing is stored the call fails. */
export function agentTool({
  agent,
  name = agent.replaceAll(/[^A-Za-z0-9_-]/g, "_").slice(0, 64),
  description,
  approval,
}: AgentToolOptions): Tool {
  return tool({
    name,
    description,
    agentName: agent,
    input: {
      type: "object",
      properties: {
        task: {
          type: "string",
          minLength: 1,
          description: "Everything that it has to know. It sees nothing of this conversation.",
        },
      },
      required: ["task"],
      additionalProperties: false,
    },
    // Whoever calls again finds the thread that was made.
    effect: "idempotent",
    ...(approval !== undefined && { approval }),
    execute() {
      throw new SkeinError("unsupported_capability", "This takes a thread, and the run has none.");
    },
  });
}
