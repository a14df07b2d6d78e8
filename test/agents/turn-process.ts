/** A process that works on the runs of one store. The test that starts it kills it, or it kills itself.
 *  `node turn-process.ts <store> <ledger> [question]` prints `stored <run>` once the question is durable, and
 *  `idle` when no run is left. Answers what it is asked. */
import { appendFileSync } from "node:fs";
import { tool } from "../../src/agents/agent.ts";
import { createSkein } from "../../src/agents/create-skein.ts";
import { textOf } from "../../src/model/part.ts";
import { sqliteStore } from "../../src/store/sqlite/sqlite-store.ts";
import { scriptedModel } from "../../src/testing/scripted-model.ts";
import type { ScriptedItem, ScriptedReply } from "../../src/testing/scripted-model.ts";

const [path = "", ledger = "", question] = process.argv.slice(2);

function ledgerTool(
  name: string,
  effect: "idempotent" | "unsafe",
  approval: "always" | "never" = "never",
) {
  return tool({
    name,
    approval,
    description: "Writes a line into the ledger.",
    input: {},
    effect,
    execute: (_input, { idempotencyKey }) => {
      appendFileSync(ledger, `${name} ${idempotencyKey}\n`);
      return "done";
    },
  });
}

/** Says the same however often it is asked, because the process that is asked again is another one. */
function reply(asked: string, hasResults: boolean): ScriptedReply {
  const words: readonly ScriptedItem[] = Array.from({ length: 8 }, (_, n) => [
    `${n} ${"word ".repeat(12)}`,
    { delayMs: 20 },
  ]).flat();
  if (asked === "fail") return [...words, { error: new Error("The script says so.") }];
  if (asked === "slow") return [...words, { wait: new Promise(() => {}) }];
  if (hasResults) return ["It is done: ", ...words];
  if (asked === "ask") return [...words, { toolCall: { name: "unsafe_asked", input: {} } }];
  return [
    ...words,
    { toolCall: { name: "unsafe", input: {} } },
    { toolCall: { name: "safe", input: { n: 1 } } },
    { toolCall: { name: "safe", input: { n: 2 } } },
  ];
}

const model = scriptedModel(({ messages }) => {
  const asked = messages.findLast(({ role }) => role === "user");
  return reply(textOf(asked?.parts ?? []), messages.at(-1)?.role === "tool");
});

const skein = createSkein({
  store: sqliteStore({ path }),
  agents: [
    {
      name: "assistant",
      model,
      tools: [
        ledgerTool("unsafe", "unsafe"),
        ledgerTool("safe", "idempotent"),
        ledgerTool("unsafe_asked", "unsafe", "always"),
      ],
    },
  ],
});

if (question !== undefined) {
  const messages = [{ content: question }];
  const { run } = await skein.create({ id: "t", messages, run: {} });
  console.log(`stored ${run?.id}`);
}
/** Is the person who is asked: allows everything, and knows of everything that was interrupted that it was done. */
async function answer(): Promise<number> {
  const { items } = await skein.inbox();
  for (const { threadId, runId, action } of items)
    await skein.decide(threadId, runId, [
      action.kind === "verify"
        ? { actionId: action.id, decision: "output", output: "done before" }
        : { actionId: action.id, decision: "approve" },
    ]);
  return items.length;
}

for (;;) {
  const asked = await answer();
  const runnable = await skein.worker.listRunnable();
  if (asked === 0 && runnable.length === 0) break;
  await new Promise((resolve) => setTimeout(resolve, 20));
}
console.log("idle");
await skein.close();
