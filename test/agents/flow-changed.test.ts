import { describe, expect, test } from "vitest";
import type { AgentHandler } from "../../src/agents/flow/handler.ts";
import type { Skein } from "../../src/agents/skein.ts";
import { agent, tool } from "../../src/agents/agent.ts";
import type { Run } from "../../src/model/run.ts";
import { sqliteStore } from "../../src/store/sqlite/sqlite-store.ts";
import { scriptedModel } from "../../src/testing/scripted-model.ts";
import { join } from "node:path";
import { openSkein, STORES, temporaryFolder } from "./fixture.ts";

const PROMPT = { prompt: "Which?" };

async function began(skein: Skein): Promise<Run> {
  const { run } = await skein.create({ id: "t", messages: [{ content: "Go." }], run: {} });
  if (run === undefined) throw new Error("No run was made.");
  return run;
}

async function until(skein: Skein, { id }: Run, isSo: (run: Run) => boolean): Promise<Run> {
  for (;;) {
    const run = await skein.run("t", id);
    if (isSo(run)) return run;
    if (run.endedAt !== undefined) throw new Error(`It is ${run.status}: ${run.error?.message}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

const isWaiting = ({ status }: Run): boolean => status === "requires_action";

describe("a function that was changed while its run waited", () => {
  const first: AgentHandler = async ({ ask, waitForEvent }) => {
    await Promise.all([ask("old", PROMPT), waitForEvent("old.event", "go")]);
  };

  /** Lets a run wait, and answers the store's file for the next version of the program. */
  async function left(handler: AgentHandler): Promise<{ path: string; run: Run }> {
    const path = join(await temporaryFolder(), "skein.db");
    const before = openSkein({ store: sqliteStore({ path }), agent: { handler } });
    const run = await began(before);
    await until(before, run, isWaiting);
    await before.close();
    return { path, run };
  }

  test("waits for what it asks now, and is not woken again and again by what it asked before", async () => {
    const { path, run } = await left(first);
    let calls = 0;
    const handler: AgentHandler = async ({ ask }) => {
      calls += 1;
      const { status } = await ask("new", PROMPT);
      return status;
    };
    const skein = openSkein({ store: sqliteStore({ path }), agent: { handler } });
    await skein.decide("t", run.id, [{ actionId: "flow:old", decision: "output", output: "A" }]);
    await until(skein, run, ({ actions = [] }) => actions.some(({ id }) => id === "flow:new"));
    await skein.sendEvent("t", run.id, { name: "go" });
    const waiting = await until(skein, run, isWaiting);
    await skein.decide("t", run.id, [{ actionId: "flow:new", decision: "output", output: "B" }]);
    await until(skein, run, ({ status }) => status === "completed");
    expect(calls).toBeLessThan(8);
    expect(waiting.status).toBe("requires_action");
  });

  test("uses the old answer when it comes to the question later", async () => {
    const { path, run } = await left(first);
    const handler: AgentHandler = async ({ ask }) => {
      await ask("new", PROMPT);
      const old = await ask("old", PROMPT);
      return old.status === "answered" && old.output.type === "text" ? old.output.text : "";
    };
    const skein = openSkein({ store: sqliteStore({ path }), agent: { handler } });
    await skein.decide("t", run.id, [{ actionId: "flow:old", decision: "output", output: "A" }]);
    await until(skein, run, ({ actions = [] }) => actions.some(({ id }) => id === "flow:new"));
    await skein.decide("t", run.id, [{ actionId: "flow:new", decision: "output", output: "B" }]);
    await until(skein, run, ({ status }) => status === "completed");
    const { messages } = await skein.messages("t");
    expect(messages.at(-1)?.parts).toEqual([{ type: "text", text: "A" }]);
  });
});

describe.each(STORES)("a function that begins a new journal, on %s", (_name, openStore) => {
  test("stops the agents that it called and did not wait for", async () => {
    const pay = tool({
      name: "pay",
      description: "Pays.",
      input: { type: "object" },
      approval: "always",
      execute: () => "paid",
    });
    const payer = agent({
      name: "payer",
      model: scriptedModel([[{ toolCall: { name: "pay", input: {} } }]]),
      tools: [pay],
    });
    const handler: AgentHandler = async ({ input, callAgent, waitForEvent, continueAs }) => {
      if (input !== undefined) return "Done.";
      void callAgent("call", "payer", "Pay.");
      await waitForEvent("event", "go");
      return continueAs("again");
    };
    const skein = openSkein({ store: await openStore(), agent: { handler }, others: [payer] });
    const run = await began(skein);
    await until(skein, run, isWaiting);
    while ((await skein.inbox()).items.length === 0)
      await new Promise((resolve) => setTimeout(resolve, 5));
    await skein.sendEvent("t", run.id, { name: "go" });
    await until(skein, run, ({ status }) => status === "completed");
    expect((await skein.inbox()).items).toEqual([]);
  });
});
