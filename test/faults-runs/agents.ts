import { agent, tool } from "../../src/index.ts";
import type { Agent, Tool } from "../../src/index.ts";
import { textOf } from "../../src/model/part.ts";
import { scriptedModel } from "../../src/testing/index.ts";
import type { ScriptedItem, ScriptedModel } from "../../src/testing/index.ts";
import { writeLedger } from "./ledger.ts";

/** A model that answers the same whoever asks it: `call a b` calls these tools, `slow` begins and never ends, the rest is
 *  answered with `You said …`. What a tool answered is followed by `It is done.` */
export function steadyModel(): ScriptedModel {
  return scriptedModel(({ messages }) => {
    const last = messages.at(-1);
    const said = textOf(messages.findLast(({ role }) => role === "user")?.parts ?? []);
    if (last?.role === "tool") return "It is done.";
    const [command, ...names] = said.split(" ");
    if (command === "slow") return ["Once upon ", { wait: new Promise(() => {}) }];
    if (command !== "call") return ["You ", `said ${said}`];
    return names.map((name, index): ScriptedItem => ({
      toolCall: { callId: `c${index + 1}`, name, input: { n: said } },
    }));
  });
}

/** A tool that writes a line for every time that it acts. */
export function noting(name: string, ledger: string, more: Partial<Tool> = {}): Tool {
  return tool({
    name,
    description: "Writes a line.",
    input: { type: "object" },
    execute: (_input, { idempotencyKey }) => {
      writeLedger(ledger, { tool: name, tag: "", key: idempotencyKey });
      return "noted";
    },
    ...more,
  });
}

/** The default agent with a steady model. */
export function steadyAgent(more: Partial<Agent> = {}): Agent {
  return agent({ name: "assistant", model: steadyModel(), ...more });
}
