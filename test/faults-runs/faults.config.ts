/** The agents of every process whose faults are tested. Tools act on a ledger outside of the store. */
import { agent, defineConfig, textOf, tool } from "skein";
import type { Json, SkeinConfig, Tool, ToolContext } from "skein";
import { agentTool } from "../../src/agents/sub-agent/agent-tool.ts";
import { writeLedger } from "./ledger.ts";

const ledger = process.env["LEDGER"] ?? "";
const input = { type: "object", properties: { n: { type: "string" } }, required: ["n"] };

function note(name: string, value: Json, { idempotencyKey: key }: ToolContext): Json {
  const tag = String(Object(value)["n"]);
  writeLedger(ledger, { tool: name, tag, key });
  return { noted: tag };
}

function noting(name: string, rest: Partial<Tool> = {}): Tool {
  return tool({
    name,
    description: "Writes a line.",
    input,
    execute: (value, context) => note(name, value, context),
    ...rest,
  });
}

const config: SkeinConfig = defineConfig({
  agents: [
    agent({
      name: "assistant",
      tools: [
        noting("unsafe"),
        noting("safe", { effect: "idempotent" }),
        noting("approved", { approval: "always" }),
        noting("asking", {
          effect: "idempotent",
          execute: (value, context) => {
            if (context.answer === undefined)
              return context.suspend({ kind: "input", prompt: "May it?" });
            return note("asking", value, context);
          },
        }),
        tool({ name: "client", description: "The caller does it.", input, executor: "client" }),
        noting("sleepy", {
          execute: async (value, context) => {
            const noted = note("sleepy", value, context);
            await new Promise((resolve) => {
              const timer = setTimeout(resolve, 20_000);
              context.signal.addEventListener("abort", () => {
                clearTimeout(timer);
                resolve(undefined);
              });
            });
            return noted;
          },
        }),
        // Whoever carries it out dies.
        noting("poison", {
          effect: "idempotent",
          execute: () => process.kill(process.pid, "SIGKILL"),
        }),
        agentTool({ agent: "helper", description: "Does a task." }),
      ],
    }),
    agent({ name: "helper" }),
    agent({
      name: "order",
      async handler(context) {
        const said = await context.messages();
        const tag = textOf(said.find(({ role }) => role === "user")?.parts ?? []);
        const counted = await context.step("count", () => {
          writeLedger(ledger, { tool: "counted", tag, key: `${context.runId}:count` });
          return tag;
        });
        await context.step(
          "charge",
          ({ idempotencyKey }) => {
            writeLedger(ledger, { tool: "unsafe", tag, key: idempotencyKey });
            return null;
          },
          { effect: "unsafe" },
        );
        await context.append("note", { content: `${counted} was counted` });
        const event = await context.waitForEvent("paid", "paid");
        await context.sleep("nap", 50);
        const { text } = await context.callAgent("ask", "helper", `talk ${tag} 3 5`);
        return `${counted} ${JSON.stringify(event?.payload)} ${text}`;
      },
    }),
  ],
});

export default config;
