import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { tool } from "../../src/agents/agent.ts";
import type { Tool } from "../../src/agents/agent.ts";
import type { Model } from "../../src/agents/models/model.ts";
import type { RunStreamEvent, Skein } from "../../src/agents/skein.ts";
import { sqliteStore } from "../../src/store/sqlite/sqlite-store.ts";
import { scriptedModel } from "../../src/testing/scripted-model.ts";
import {
  collect,
  gate,
  openSkein,
  STORES,
  temporaryFolder,
  textsOf,
  untilAsked,
} from "./fixture.ts";

const never = new Promise<never>(() => {});

/** Reads the stream of a run until its text has `text`, and answers with what it read. */
async function until(
  skein: Skein,
  runId: string,
  text: string,
): Promise<readonly RunStreamEvent[]> {
  const events: RunStreamEvent[] = [];
  let seen = "";
  for await (const event of skein.runStream("t", runId)) {
    events.push(event);
    if (event.type === "delta") seen += event.text;
    if (seen.includes(text)) break;
  }
  return events;
}

async function begin(skein: Skein): Promise<string> {
  await skein.create({ id: "t" });
  const { run } = await skein.append("t", { messages: [{ content: "Go" }], run: {} });
  return run?.id ?? "";
}

function tooling(effect: "idempotent" | "unsafe", execute: NonNullable<Tool["execute"]>): Tool {
  return tool({ name: "pay", description: "Pays.", input: {}, effect, execute });
}

const payCall = { toolCall: { callId: "c1", name: "pay", input: {} } };

// A drained worker leaves its run as a killed process does: in the middle, with nothing more written but that it is free.
describe.each(STORES)("a run that its worker left, on the %s store", (_name, open) => {
  test("is finished by the next worker: the interrupted answer starts again", async () => {
    const store = await open();
    const first = openSkein({
      store,
      agent: { model: scriptedModel([["Once upon", { wait: never }]]) },
    });
    const id = await begin(first);
    const before = await until(first, id, "upon");
    await first.drain(0);
    expect(await first.run("t", id)).toMatchObject({ status: "running", fence: 1 });
    const second = openSkein({ store, agent: { model: scriptedModel(["Another time."]) } });
    expect(await second.waitForRun("t", id)).toMatchObject({ status: "completed", fence: 2 });
    const { messages } = await second.messages("t");
    expect(messages).toMatchObject([{ role: "user" }, { parts: [{ text: "Another time." }] }]);
    expect(await second.steps("t", id)).toMatchObject([{ attempt: 2, status: "completed" }]);
    // A reader that goes on where it was drops the first attempt.
    const position = before.at(-1)?.position ?? "";
    const after = await collect(second.runStream("t", id, { position }));
    expect(after.map(({ type }) => type)).toContain("attempt-reset");
    expect(Object.values(textsOf(before))).toEqual(["Once upon"]);
    expect(Object.values(textsOf([...before, ...after]))).toEqual(["Another time."]);
  });

  test("does not repeat the steps that were finished", async () => {
    const store = await open();
    let paid = 0;
    const pay = tooling("unsafe", () => `paid ${++paid}`);
    const first = openSkein({
      store,
      agent: { model: scriptedModel([[payCall], ["Paid", { wait: never }]]), tools: [pay] },
    });
    const id = await begin(first);
    await until(first, id, "Paid");
    await first.drain(0);
    const model = scriptedModel(["All paid."]);
    const second = openSkein({ store, agent: { model, tools: [pay] } });
    await second.waitForRun("t", id);
    expect(paid).toBe(1);
    expect(model.requests).toHaveLength(1);
    expect((await second.messages("t")).messages.map(({ role }) => role)).toEqual([
      "user",
      "assistant",
      "tool",
      "assistant",
    ]);
  });

  test("runs an idempotent tool again, with the same key", async () => {
    const store = await open();
    const keys: string[] = [];
    const { opened, open: started } = gate();
    const hanging = tooling("idempotent", (_input, { idempotencyKey }) => {
      keys.push(idempotencyKey);
      started();
      return never;
    });
    const first = openSkein({
      store,
      agent: { model: scriptedModel([[payCall]]), tools: [hanging] },
    });
    const id = await begin(first);
    await opened;
    await first.drain(0);
    const answering = tooling("idempotent", (_input, { idempotencyKey }) => {
      keys.push(idempotencyKey);
      return "paid";
    });
    const second = openSkein({
      store,
      agent: { model: scriptedModel(["Paid."]), tools: [answering] },
    });
    await second.waitForRun("t", id);
    expect(keys).toEqual([`${id}:tool:c1`, `${id}:tool:c1`]);
    expect((await second.messages("t")).messages[2]?.parts).toMatchObject([
      { outcome: "ok", output: { text: "paid" } },
    ]);
  });

  test("never runs an unsafe tool again by itself: a person is asked what became of it", async () => {
    const store = await open();
    let runs = 0;
    const { opened, open: started } = gate();
    const hanging = tooling("unsafe", () => {
      runs += 1;
      started();
      return never;
    });
    const first = openSkein({
      store,
      agent: { model: scriptedModel([[payCall]]), tools: [hanging] },
    });
    const id = await begin(first);
    await opened;
    await first.drain(0);
    const model = scriptedModel(["It was paid."]);
    const second = openSkein({ store, agent: { model, tools: [hanging] } });
    const waiting = await untilAsked(second, id);
    expect(waiting.actions).toMatchObject([{ id: "c1", kind: "verify", name: "pay" }]);
    await second.decide("t", id, [{ actionId: "c1", decision: "output", output: "paid 1" }]);
    await second.waitForRun("t", id);
    expect(runs).toBe(1);
    expect(model.requests[0]?.messages.at(-1)?.parts).toMatchObject([
      { type: "tool-result", callId: "c1", outcome: "ok", output: { text: "paid 1" } },
    ]);
    const [, step] = await second.steps("t", id);
    expect(step).toMatchObject({ key: "tool:c1", status: "completed", attempt: 1 });
  });

  test("fails after the third interruption, and keeps the newest text", async () => {
    const store = await open();
    let id = "";
    for (const text of ["one", "two", "three"]) {
      const model = scriptedModel([[text, { wait: never }]]);
      const skein = openSkein({ store, agent: { model } });
      id ||= await begin(skein);
      await until(skein, id, text);
      await skein.drain(0);
    }
    const last = openSkein({ store, agent: { model: scriptedModel([]) } });
    expect(await last.waitForRun("t", id)).toMatchObject({
      status: "failed",
      error: { code: "run_interrupted" },
      cost: { unpricedCalls: 3 },
    });
    expect((await last.messages("t")).messages[1]).toMatchObject({
      status: "incomplete",
      reason: "crashed",
      parts: [{ text: "three" }],
    });
  });

  test("is cancelled by the next worker when that was asked for meanwhile", async () => {
    const store = await open();
    const model = scriptedModel([["Once", { wait: never }]]);
    const first = openSkein({ store, agent: { model } });
    const id = await begin(first);
    await until(first, id, "Once");
    await first.drain(0);
    expect(await first.cancel("t", id)).toMatchObject({ status: "cancelling" });
    const second = openSkein({ store, agent: { model: scriptedModel([]) } });
    expect(await second.waitForRun("t", id)).toMatchObject({ status: "cancelled" });
    expect((await second.messages("t")).messages[1]).toMatchObject({
      reason: "cancelled",
      parts: [{ text: "Once" }],
    });
  });

  test("that was never begun is picked up, with those that wait behind it", async () => {
    const store = await open();
    const idle = openSkein({ store, worker: false });
    await idle.create({ id: "t" });
    const ids: string[] = [];
    for (const content of ["A", "B", "C"]) {
      const { run } = await idle.append("t", { messages: [{ content }], run: {} });
      ids.push(run?.id ?? "");
    }
    const model = scriptedModel(["a", "b", "c"]);
    const skein = openSkein({ store, agent: { model } });
    for (const id of ids)
      expect(await skein.waitForRun("t", id)).toMatchObject({ status: "completed" });
    const { messages } = await skein.messages("t");
    expect(messages.map(({ parts }) => parts)).toMatchObject(
      ["A", "a", "B", "b", "C", "c"].map((text) => [{ text }]),
    );
  });

  test("goes to the first of the workers that found it", async () => {
    const skein = openSkein({ store: await open(), worker: false });
    const id = await begin(skein);
    const claims = [0, 0, 0].map((fence) => skein.worker.claim("default", "t", id, fence));
    const outcomes = await Promise.allSettled(claims);
    expect(outcomes).toMatchObject([
      { status: "fulfilled", value: { fence: 1 } },
      { status: "rejected", reason: { code: "lease_lost" } },
      { status: "rejected", reason: { code: "lease_lost" } },
    ]);
  });

  test("of an agent that this process does not know is left to others", async () => {
    const store = await open();
    const idle = openSkein({ store, worker: false, agent: { name: "other" } });
    const { run } = await idle.append((await idle.create()).thread.id, {
      messages: [{ content: "A" }],
      run: { agentId: "other" },
    });
    const skein = openSkein({ store, agent: { model: scriptedModel(["x"]) } });
    await skein.respond({ input: "Hi" });
    expect(await skein.run(run?.threadId ?? "", run?.id ?? "")).toMatchObject({ status: "queued" });
  });
});

test("an agent that is gone for good does not leave its runs waiting for ever", async () => {
  const [, open] = STORES[0] ?? [];
  if (open === undefined) throw new Error("There is no store.");
  const store = await open();
  const idle = openSkein({ store, worker: false, agent: { name: "gone" }, clock: () => 1_000_000 });
  const { thread, run } = await idle.create({
    messages: [{ content: "A" }],
    run: { agentId: "gone" },
  });
  const skein = openSkein({ store, clock: () => 1_000_000 + 300_000 });
  expect(await skein.waitForRun(thread.id, run?.id ?? "")).toMatchObject({
    status: "failed",
    error: { code: "agent_not_found" },
  });
});

describe("a run that a worker gave up while its process lives on", () => {
  async function twoProcesses(
    [model, next]: readonly [Model, Model],
    tools: readonly Tool[] = [],
  ): Promise<readonly [Skein, Skein]> {
    const path = join(await temporaryFolder(), "skein.db");
    const first = openSkein({ store: sqliteStore({ path }), agent: { model, tools } });
    const second = openSkein({ store: sqliteStore({ path }), agent: { model: next, tools } });
    await second.open();
    return [first, second];
  }

  test("is taken by another process, which finishes it", async () => {
    const models = [
      scriptedModel([["Once upon", { wait: never }]]),
      scriptedModel(["Another time."]),
    ] as const;
    const [first, second] = await twoProcesses(models);
    const id = await begin(first);
    await until(first, id, "upon");
    await first.drain(0);
    const run = await second.waitForRun("t", id, { timeoutMs: 20_000 });
    expect(run).toMatchObject({ status: "completed", owner: second.store.instance, fence: 2 });
    expect(await first.store.isAlive(first.store.instance)).toBe(true);
    const given = (await first.log("t")).filter(
      ({ op, data }) => op === "run.update" && "run" in data && data.run.owner === "",
    );
    expect(given).toHaveLength(1);
    expect((await first.check()).problems).toEqual([]);
  });

  test("is taken also when its tool does not let go; what that brings is too late", async () => {
    const { opened, open: started } = gate();
    const late = Promise.withResolvers<string>();
    let calls = 0;
    const pay = tooling("idempotent", () => {
      calls += 1;
      if (calls > 1) return "paid";
      started();
      return late.promise;
    });
    const models = [scriptedModel([[payCall]]), scriptedModel(["Paid."])] as const;
    const [first, second] = await twoProcesses(models, [pay]);
    const id = await begin(first);
    await opened;
    await first.drain(0);
    expect(await second.waitForRun("t", id, { timeoutMs: 20_000 })).toMatchObject({
      status: "completed",
    });
    late.resolve("paid too late");
    const { messages } = await second.messages("t");
    expect(JSON.stringify(messages)).not.toContain("too late");
    expect(calls).toBe(2);
  });

  test("stays ended when it came to its end within the grace", async () => {
    const [first, second] = await twoProcesses([scriptedModel(["Done."]), scriptedModel([])]);
    const id = await begin(first);
    await first.drain();
    expect(await second.run("t", id)).toMatchObject({ status: "completed", fence: 1 });
    const ops = (await second.log("t")).map(({ op }) => op);
    expect(ops.lastIndexOf("run.update")).toBeLessThan(ops.indexOf("run.end"));
  });
});
