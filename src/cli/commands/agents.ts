import type { Agent } from "../../agents/agent.ts";
import type { WireAgent } from "../../protocol/answer.ts";
import { type Command, command } from "../command.ts";
import { oneLine } from "../format/printable.ts";
import { table } from "../format/table.ts";
import { modelName, type Settings } from "../settings.ts";

export const agents: Command = command({
  summary: "List the agents that are configured",
  details: "The agent `assistant` exists without any configuration.",
  examples: ["agents", "agents --json"],
  args: {},
  async run({ output, settings }) {
    const { agents: configured, model } = await settings();
    const { createSkein } = await import("../../agents/create-skein.ts");
    const { memoryStore } = await import("../../store/memory/memory-store.ts");
    // Which agents there are does not depend on the store, so none is opened.
    const skein = createSkein({
      store: memoryStore(),
      agents: configured,
      worker: false,
      ...(model !== undefined && { model }),
    });
    const list = skein.agents.map((agent) => toWire(agent, model));
    if (output.isJson) for (const agent of list) output.json(agent);
    else {
      const rows = list.map(({ name, model: id, tools, description }) => [
        name,
        id ?? "–",
        tools.map((tool) => tool.name).join(", ") || "–",
        oneLine(description ?? "", 100),
      ]);
      for (const line of table(rows, output.columns)) output.line(line);
    }
  },
});

function toWire(agent: Agent, fallback: Settings["model"]): WireAgent {
  return {
    name: agent.name,
    description: agent.description ?? null,
    model: modelName(agent.model ?? fallback ?? "demo"),
    tools: (agent.tools ?? []).map(({ name, description }) => ({ name, description })),
  };
}
