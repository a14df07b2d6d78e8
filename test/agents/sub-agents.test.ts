import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { agentTool } from "../../src/agents/sub-agent/agent-tool.ts";
import type { Agent } from "../../src/agents/agent.ts";
import type { AgentHandler } from "../../src/agents/flow/handler.ts";
import type { Skein } from "../../src/agents/skein.ts";
import { createEngine } from "../../src/engine/create-engine.ts";
import { textOf } from "../../src/model/part.ts";
import type { Run } from "../../src/model/run.ts";
import { sqliteStore } from "../../src/store/sqlite/sqlite-store.ts";
import { scriptedModel } from "../../src/testing/scripted-model.ts";
import type { ScriptedItem } from "../../src/testing/scripted-model.ts";
import { gate, openSkein, STORES, temporaryFolder } from "./fixture.ts";

const call = (task: string): ScriptedItem => ({ toolCall: { name: "helper", input: { task } } });

const helperTool = agentTool({ agent: "helper", description: "Does a task." });

/** Calls the helper with each task, then says what came of it. */
function boss(...tasks: readonly string[]): Partial<Agent> {
  return {
    tools: [helperTool],
    model: scriptedModel(({ messages }) => {
      const results = messages.flatMap(({ parts }) =>
        parts.flatMap((part) => (part.type === "tool-result" ? [part] : [])),
      );
      if (results.length === 0) return tasks.map(call);
      return results.map(
        ({ outcome, output }) => `${outcome}:${"text" in output ? output.text : ""} `,
      );
    }),
  };
}

const helper: Agent = {
  name: "helper",
  model: scriptedModel(({ messages }) => [`Did: ${textOf(messages.at(-1)?.parts ?? [])}`]),
};

async function begin(skein: Skein): Promise<Run> {
  const { run } = await skein.create({ id: "t", messages: [{ content: "Go." }], run: {} });
  if (run === undefined) throw new Error("No run was made.");
  return run;
}

async function childOf(
  skein: Skein,
): Promise<{ readonly threadId: string; readonly runId: string }> {
  for (;;) {
    const { items } = await skein.list();
    const child = items.find(({ kind }) => kind === "sub-agent");
    const [run] = child === undefined ? [] : (await skein.runs(child.id)).items;
    if (child !== undefined && run !== undefined) return { threadId: child.id, runId: run.id };
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

describe.each(STORES)("agents that call agents, on %s", (_name, openStore) => {
  test("a tool that is an agent does its task in a thread of its own", async () => {
    const skein = openSkein({ store: await openStore(), agent: boss("Count."), others: [helper] });
    const { text, run } = await skein.respond({ threadId: "t", input: "Go." });
    expect(text.trim()).toBe("ok:Did: Count.");
    const { threadId, runId } = await childOf(skein);
    expect(await skein.get(threadId)).toMatchObject({
      title: "Task: Count.",
      kind: "sub-agent",
      agentId: "helper",
      parent: { threadId: "t", runId: run?.id },
    });
    const { links } = await skein.get("t");
    expect(links).toEqual([{ kind: "sub-agent", threadId, data: { run_id: run?.id } }]);
    expect(await skein.run(threadId, runId)).toMatchObject({
      status: "completed",
      parent: { threadId: "t", runId: run?.id, depth: 1 },
    });
    const { messages } = await skein.messages(threadId);
    expect(messages.map(({ role, author }) => [role, author?.id])).toEqual([
      ["user", "local"],
      ["assistant", "helper"],
    ]);
    const step = (await skein.steps("t", run?.id ?? "")).find(({ kind }) => kind === "tool");
    expect(step).toMatchObject({
      name: "helper",
      called: { threadId, runId },
      status: "completed",
    });
  });

  test("several work at once, and their use is rolled up", async () => {
    const { opened, open } = gate();
    let working = 0;
    const model = scriptedModel(async ({ messages }) => {
      working += 1;
      if (working === 3) open();
      await opened;
      return [`Did: ${textOf(messages.at(-1)?.parts ?? [])}`];
    });
    const skein = openSkein({
      store: await openStore(),
      agent: boss("A", "B", "C"),
      others: [{ name: "helper", model }],
    });
    const { text, run } = await skein.respond({ threadId: "t", input: "Go." });
    expect(text.trim()).toBe("ok:Did: A ok:Did: B ok:Did: C");
    const used = (await skein.list()).items
      .filter(({ kind }) => kind === "sub-agent")
      .reduce((sum, { usage }) => sum + usage.outputTokens, 0);
    expect(used).toBeGreaterThan(0);
    expect(run?.called?.usage.outputTokens).toBe(used);
  });

  test("what goes wrong with the agent is the result of the call", async () => {
    const model = scriptedModel(() => [{ error: new Error("Broken.") }]);
    const skein = openSkein({
      store: await openStore(),
      agent: boss("A"),
      others: [{ name: "helper", model }],
    });
    const { text } = await skein.respond({ threadId: "t", input: "Go." });
    expect(text).toContain("error:");
    expect(text).toContain("Broken.");
  });

  test.each(["cancelled", "deleted", "purged"])(
    "a called run that is %s ends the call",
    async (how) => {
      const model = scriptedModel(() => [{ wait: new Promise(() => {}) }]);
      const skein = openSkein({
        store: await openStore(),
        agent: boss("A"),
        others: [{ name: "helper", model }],
      });
      const run = await begin(skein);
      const { threadId, runId } = await childOf(skein);
      if (how === "cancelled") await skein.cancel(threadId, runId);
      else await skein.delete(threadId, { purge: how === "purged" });
      const ended = await skein.waitForRun("t", run.id, { timeoutMs: 10_000 });
      expect(ended.status).toBe("completed");
      const { messages } = await skein.messages("t");
      expect(textOf(messages.at(-1)?.parts ?? [])).toMatch(/^error:/u);
    },
  );

  test("cancelling the caller cancels what it called", async () => {
    const model = scriptedModel(() => [{ wait: new Promise(() => {}) }]);
    const skein = openSkein({
      store: await openStore(),
      agent: boss("A"),
      others: [{ name: "helper", model }],
    });
    const run = await begin(skein);
    const { threadId, runId } = await childOf(skein);
    while ((await skein.run("t", run.id)).status !== "requires_action")
      await new Promise((resolve) => setTimeout(resolve, 5));
    expect((await skein.cancel("t", run.id, { wait: true })).status).toBe("cancelled");
    expect((await skein.waitForRun(threadId, runId, { timeoutMs: 10_000 })).status).toBe(
      "cancelled",
    );
  });

  test("agents call agents only so deep", async () => {
    const self = agentTool({ agent: "helper", description: "Itself." });
    const model = scriptedModel(({ messages }) => {
      const result = messages.at(-1)?.parts.find((part) => part.type === "tool-result");
      return result === undefined
        ? [call("Deeper.")]
        : [`${result.outcome} ${"text" in result.output ? result.output.text : ""}`];
    });
    const skein = openSkein({
      store: await openStore(),
      agent: boss("A"),
      others: [{ name: "helper", model, tools: [self] }],
    });
    const { text } = await skein.respond({ threadId: "t", input: "Go." });
    expect(text).toContain("Agents can call agents at most 5 deep.");
    const { items } = await skein.list();
    expect(items.filter(({ kind }) => kind === "sub-agent")).toHaveLength(5);
  });

  test("a function calls agents at once, also with what its own thread says", async () => {
    const handler: AgentHandler = async ({ callAgent }) => {
      const [fresh, told] = await Promise.all([
        callAgent("a", "helper", "Count."),
        callAgent("b", "helper", "Look.", { withHistory: true }),
      ]);
      return `${fresh.text} / ${told.text} / ${told.status}`;
    };
    const skein = openSkein({ store: await openStore(), agent: { handler }, others: [helper] });
    const { text } = await skein.respond({ threadId: "t", input: "Go." });
    expect(text).toBe("Did: Count. / Did: Go. / completed");
  });

  test("a thread for a task names its parent, and the parent names it", async () => {
    const skein = openSkein({ store: await openStore(), others: [helper] });
    await skein.create({ id: "t", captureEnvironment: true });
    const task = await skein.spawnSubAgentThread("t", "Find the bug.", { agentId: "helper" });
    expect(task).toMatchObject({
      title: "Task: Find the bug.",
      kind: "sub-agent",
      parent: { threadId: "t" },
      environment: (await skein.get("t")).environment,
    });
    const { messages } = await skein.messages(task.id);
    expect(messages.map(({ role, parts }) => [role, textOf(parts)])).toEqual([
      ["user", "Find the bug."],
    ]);
    expect((await skein.get("t")).links).toEqual([{ kind: "sub-agent", threadId: task.id }]);
    await expect(skein.spawnSubAgentThread("nobody", "A")).rejects.toMatchObject({
      code: "thread_not_found",
    });
  });
});

test("a called run whose caller ended while nobody could tell it is cancelled when it is taken up", async () => {
  const path = join(await temporaryFolder(), "skein.db");
  const agent = boss("A");
  const model = scriptedModel(() => [{ wait: new Promise(() => {}) }]);
  const others = [{ name: "helper", model }];
  const first = openSkein({ store: sqliteStore({ path }), agent, others });
  const run = await begin(first);
  const { threadId, runId } = await childOf(first);
  while ((await first.run("t", run.id)).status !== "requires_action")
    await new Promise((resolve) => setTimeout(resolve, 5));
  await first.drain(0);
  await first.close();
  const engine = createEngine({ store: sqliteStore({ path }) });
  expect((await engine.cancelRun("t", run.id)).status).toBe("cancelled");
  expect((await engine.run(threadId, runId)).status).toBe("running");
  await engine.close();
  const second = openSkein({ store: sqliteStore({ path }), agent, others });
  expect((await second.waitForRun(threadId, runId, { timeoutMs: 10_000 })).status).toBe(
    "cancelled",
  );
});
