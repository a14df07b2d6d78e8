import { expect, test } from "vitest";
import { tool } from "../../src/agents/agent.ts";
import type { Skein } from "../../src/agents/skein.ts";
import type { Model } from "../../src/agents/models/model.ts";
import { LIMITS } from "../../src/model/limits.ts";
import { memoryStore } from "../../src/store/memory/memory-store.ts";
import type { Store } from "../../src/store/store.ts";
import { scriptedModel } from "../../src/testing/scripted-model.ts";
import { gate, openSkein, untilAsked } from "./fixture.ts";

const never = new Promise<never>(() => {});

/** Starts a run that expires. */
async function begin(skein: Skein, expiresInMs?: number): Promise<string> {
  await skein.create({ id: "t" });
  const run = expiresInMs === undefined ? {} : { expiresInMs };
  const answer = await skein.append("t", { messages: [{ content: "Go" }], run });
  return answer.run?.id ?? "";
}

/** A worker that dies right after it has taken the run, again and again. */
async function claimOften(store: Store, runId: string, times: number): Promise<void> {
  const dying = openSkein({ store, worker: false });
  for (let n = 0; n < times; n++) await dying.worker.claim("default", "t", runId);
}

async function release(store: Store, runId: string): Promise<void> {
  const { fence } = await openSkein({ store, worker: false }).run("t", runId);
  const actions = [{ kind: "run.release" }] as const;
  await openSkein({ store, worker: false }).worker.progress("default", "t", {
    runId,
    fence,
    actions,
  });
}

test("a run that expires while a model works keeps what was written", async () => {
  let now = 1_000_000;
  const model = scriptedModel([["Once upon", { wait: never }]]);
  const skein = openSkein({ store: memoryStore(), clock: () => now, agent: { model } });
  const id = await begin(skein, 50);
  for await (const event of skein.runStream("t", id)) if (event.type === "delta") break;
  now += 50;
  expect(await skein.waitForRun("t", id)).toMatchObject({
    status: "expired",
    error: { code: "run_expired" },
  });
  expect((await skein.messages("t")).messages[1]).toMatchObject({
    status: "incomplete",
    parts: [{ text: "Once upon" }],
  });
  expect(await skein.get("t")).toMatchObject({ status: "idle" });
});

test("a run that expires while a tool works ends, and nobody knows what an unsafe one did", async () => {
  let now = 1_000_000;
  const stuck = tool({
    name: "pay",
    description: "Pays.",
    input: {},
    execute: () => {
      now += 50;
      return never;
    },
  });
  const model = scriptedModel([[{ toolCall: { callId: "c1", name: "pay", input: {} } }]]);
  const clock = () => now;
  const skein = openSkein({ store: memoryStore(), clock, agent: { model, tools: [stuck] } });
  const id = await begin(skein, 50);
  expect(await skein.waitForRun("t", id)).toMatchObject({ status: "expired" });
  expect((await skein.messages("t")).messages[2]?.parts).toMatchObject([{ outcome: "unknown" }]);
});

test("a run that is over before anybody takes it never asks the model", async () => {
  let now = 1_000_000;
  const store = memoryStore();
  const idle = openSkein({ store, worker: false, clock: () => now });
  const id = await begin(idle, 1_000);
  now += 2_000;
  const model: Model = scriptedModel([]);
  const skein = openSkein({ store, clock: () => now, agent: { model } });
  expect(await skein.waitForRun("t", id)).toMatchObject({ status: "expired" });
});

test("a run that is taken too often without getting on is ended", async () => {
  const store = memoryStore();
  const id = await begin(openSkein({ store, worker: false }));
  await claimOften(store, id, LIMITS.runAttempts);
  await release(store, id);
  const skein = openSkein({ store, agent: { model: scriptedModel(["Never said."]) } });
  expect(await skein.waitForRun("t", id)).toMatchObject({
    status: "failed",
    error: { code: "run_interrupted" },
  });
  expect((await skein.messages("t")).messages).toHaveLength(1);
});

test("a run that is taken as often as it may be gets on", async () => {
  const store = memoryStore();
  const id = await begin(openSkein({ store, worker: false }));
  await claimOften(store, id, LIMITS.runAttempts - 1);
  await release(store, id);
  const skein = openSkein({ store, agent: { model: scriptedModel(["Said."]) } });
  expect(await skein.waitForRun("t", id)).toMatchObject({ status: "completed", attempts: 1 });
});

test("an interrupted unsafe call stays unknown when the run is cancelled before anybody says", async () => {
  const store = memoryStore();
  const { opened, open: started } = gate();
  const stuck = tool({
    name: "pay",
    description: "Pays.",
    input: {},
    execute: () => {
      started();
      return never;
    },
  });
  const model = scriptedModel([[{ toolCall: { callId: "c1", name: "pay", input: {} } }]]);
  const first = openSkein({ store, agent: { model, tools: [stuck] } });
  const id = await begin(first);
  await opened;
  await first.drain(0);
  const second = openSkein({ store, agent: { model: scriptedModel([]), tools: [stuck] } });
  expect(await untilAsked(second, id)).toMatchObject({ actions: [{ kind: "verify" }] });
  await second.cancel("t", id, { wait: true });
  expect((await second.messages("t")).messages[2]?.parts).toMatchObject([{ outcome: "unknown" }]);
});
