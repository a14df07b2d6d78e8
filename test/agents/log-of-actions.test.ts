import { expect, test } from "vitest";
import { tool } from "../../src/agents/agent.ts";
import { memoryStore } from "../../src/store/memory/memory-store.ts";
import { scriptedModel } from "../../src/testing/scripted-model.ts";
import { openSkein } from "./fixture.ts";

const CALLS = 20;
const ARGUMENT = "x".repeat(5_000);

test("what a run asks for is in the log twice: when it is asked and when the run ends", async () => {
  const pay = tool({
    name: "pay",
    description: "Pays.",
    input: { type: "object" },
    approval: "always",
    execute: () => "paid",
  });
  const call = { toolCall: { name: "pay", input: { note: ARGUMENT } } };
  const model = scriptedModel([Array.from({ length: CALLS }, () => call), "Done."]);
  const skein = openSkein({ store: memoryStore(), agent: { model, tools: [pay] } });
  await skein.respond({ threadId: "t", input: "Pay." });
  const { items } = await skein.inbox();
  expect(items).toHaveLength(CALLS);
  for (const { runId, action } of items)
    await skein.decide("t", runId, [{ actionId: action.id, decision: "approve" }]);
  const run = await skein.waitForRun("t", items[0]?.runId ?? "");
  expect(run.actions?.map(({ status }) => status)).toEqual(
    Array.from({ length: CALLS }, () => "done"),
  );
  const entries = await skein.log("t", { limit: 1_000 });
  const size = JSON.stringify(entries.filter(({ op }) => !op.startsWith("message."))).length;
  expect(size).toBeLessThan(2.5 * CALLS * ARGUMENT.length);
});
