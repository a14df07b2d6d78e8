import type { RunInput } from "../engine/engine.ts";
import type { Skein } from "../agents/skein.ts";

/** Flags of commands that have an agent answer. */
export const RUN_ARGS = {
  agent: { type: "string", valueHint: "name", description: "The agent that answers" },
  model: {
    type: "string",
    valueHint: "name",
    description: "The model of agents that name none (SKEIN_MODEL)",
  },
} as const;

/** What to ask for. @throws SkeinError `agent_not_found` */
export function runInput(skein: Skein, args: { readonly agent?: string | undefined }): RunInput {
  return args.agent === undefined ? {} : { agentId: skein.agent(args.agent).name };
}
