import { checkId } from "../model/check.ts";
import { SkeinError } from "../model/error.ts";
import { DEFAULT_AGENT } from "../model/run.ts";
import type { Agent } from "./agent.ts";
import { agent as checkedAgent } from "./agent.ts";
import { clockTool } from "./clock-tool.ts";
import type { Clock } from "../engine/clock.ts";
import type { Model } from "./models/model.ts";
import type { ModelChoice } from "./models/resolve.ts";

const MOST_MODELS = 100;
const DEFAULT_INSTRUCTIONS =
  "You are a helpful assistant. You remember what was said in this conversation.";

export interface AgentRegistry {
  /** The agent of threads that name none: the only one that was configured, else `assistant`. */
  readonly defaultName: string;
  /** `assistant` first. */
  readonly all: readonly Agent[];
  readonly has: (name: string) => boolean;
  /** @throws SkeinError  `agent_not_found` */
  readonly get: (name: string) => Agent;
  /** The model of an agent, or the one that a run asks for. Loads its provider at the first use.
   *  @throws SkeinError  `model_not_configured` */
  readonly modelFor: (agent: Agent, override?: string) => Promise<Model>;
}

export interface AgentRegistryOptions {
  readonly agents?: readonly Agent[] | undefined;
  readonly model?: ModelChoice | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
}

export function agentRegistry({
  agents = [],
  model,
  env,
  clock,
}: AgentRegistryOptions): AgentRegistry {
  const byName = new Map<string, Agent>();
  const standard: Agent = {
    name: DEFAULT_AGENT,
    description: "The built-in agent.",
    instructions: DEFAULT_INSTRUCTIONS,
    tools: [clockTool(clock)],
  };
  const fallback = model ?? (env["SKEIN_MODEL"]?.trim() || "demo");
  for (const definition of [standard, ...agents]) {
    const checked = checkedAgent({ model: fallback, ...definition });
    if (agents.filter(({ name }) => name === checked.name).length > 1)
      throw new SkeinError("invalid_request", `Two agents have the name ${checked.name}.`, {
        field: "agents",
      });
    byName.set(checked.name, checked);
  }
  for (const { name, handoffs = [] } of byName.values())
    for (const other of handoffs) {
      const target = byName.get(other);
      if (target?.handler === undefined && target !== undefined) continue;
      const what = target === undefined ? "is not there" : "is a function";
      throw new SkeinError(
        "invalid_request",
        `Agent ${name} hands over to ${other}, which ${what}.`,
        {
          field: "agents",
        },
      );
    }
  const models = new Map<ModelChoice, Promise<Model>>();

  return {
    defaultName: agents.length === 1 && agents[0] !== undefined ? agents[0].name : DEFAULT_AGENT,
    all: [...byName.values()],
    has: (name) => byName.has(name),
    get(name) {
      const found = byName.get(name);
      if (found !== undefined) return found;
      checkId(name, "agent_id");
      throw new SkeinError(
        "agent_not_found",
        `There is no agent ${name}. There are: ${[...byName.keys()].join(", ")}.`,
        { field: "agent_id" },
      );
    },
    modelFor(agent, override) {
      const choice = override ?? agent.model ?? fallback;
      const known = models.get(choice);
      if (known !== undefined) return known;
      const loading = loadModel(choice, env);
      // Callers may name models, so their number is bounded; the oldest is loaded again when needed.
      for (const oldest of models.keys()) if (models.size >= MOST_MODELS) models.delete(oldest);
      models.set(choice, loading);
      // A missing key may be there at the next try.
      loading.catch(() => models.delete(choice));
      return loading;
    },
  };
}

async function loadModel(choice: ModelChoice, env: AgentRegistryOptions["env"]): Promise<Model> {
  const { resolveModel } = await import("./models/resolve.ts");
  return resolveModel(choice, env);
}
