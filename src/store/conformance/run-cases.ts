import assert from "node:assert/strict";
import type { Run, Step } from "../../model/run.ts";
import type { ConformanceCase } from "./conformance-case.ts";
import { create, existing, extend, headOf, keyOf, START } from "./fixture.ts";
import { close, open, say } from "./message-fixture.ts";
import { claimRun, endRun, newRun, newStep, startRun } from "./run-fixture.ts";

export const RUN_CASES: readonly ConformanceCase[] = [
  {
    name: "a run comes back as it was started",
    run: async ({ openStore }) => {
      const store = await openStore();
      const details: Partial<Run> = {
        model: "demo",
        instructions: "Be short.",
        metadata: { source: "test" },
        inputIds: ["m1"],
        turnId: "m1",
      };
      await extend(store, "t", [create("t"), startRun("r1", details)]);
      assert.deepEqual(await store.loadRun(keyOf("t"), "r1"), { ...newRun("r1", "t"), ...details });
    },
  },
  {
    name: "a run is found in its own thread only",
    run: async ({ openStore }) => {
      const store = await openStore();
      await extend(store, "t", [create("t"), startRun("r1")]);
      await extend(store, "u", [create("u")]);
      assert.equal(await store.loadRun(keyOf("u"), "r1"), null);
      assert.equal(await store.loadRun({ tenant: "globex", id: "t" }, "r1"), null);
      assert.equal(await store.loadRun(keyOf("t"), "r2"), null);
      assert.equal(await store.loadRun(keyOf("nobody"), "r1"), null);
    },
  },
  {
    name: "the thread of a run is found by the run's id, in its tenant only",
    run: async ({ openStore }) => {
      const store = await openStore();
      const { tenant } = keyOf("t");
      await extend(store, "t", [create("t"), startRun("r1")]);
      assert.equal(await store.threadOfRun(tenant, "r1"), "t");
      assert.equal(await store.threadOfRun(tenant, "r2"), null);
      assert.equal(await store.threadOfRun("globex", "r1"), null);
    },
  },
  {
    name: "a run shows what its updates and its end changed",
    run: async ({ openStore }) => {
      const store = await openStore();
      await extend(store, "t", [create("t"), startRun("r1")]);
      await extend(store, "t", [claimRun("r1", "worker-1", 1)]);
      const claimed = existing(await store.loadRun(keyOf("t"), "r1"));
      assert.deepEqual(claimed, {
        ...newRun("r1", "t"),
        status: "running",
        owner: "worker-1",
        fence: 1,
        startedAt: START,
      });
      const error = { code: "model_error", message: "It broke." };
      const change = {
        status: "failed",
        error,
        usage: { inputTokens: 1, outputTokens: 2 },
      } as const;
      await extend(store, "t", [endRun("r1", change)]);
      assert.deepEqual(await store.loadRun(keyOf("t"), "r1"), {
        ...claimed,
        ...change,
        endedAt: START + 60_000,
      });
      assert.deepEqual((await headOf(store, "t")).activity.runs, []);
    },
  },
  {
    name: "a run that starts and ends in one write is stored as it ended",
    run: async ({ openStore }) => {
      const store = await openStore();
      await extend(store, "t", [
        create("t"),
        startRun("r1"),
        claimRun("r1", "worker-1", 1),
        endRun("r1"),
      ]);
      const run = existing(await store.loadRun(keyOf("t"), "r1"));
      assert.equal(run.status, "completed");
      assert.equal(run.owner, "worker-1");
      assert.deepEqual(await store.listRunnableRuns(), []);
    },
  },
  {
    name: "what a run's messages used shows in the run while it goes on",
    run: async ({ openStore }) => {
      const store = await openStore();
      await extend(store, "t", [create("t"), startRun("r1"), claimRun("r1", "w", 1)]);
      await extend(store, "t", [open("a", "r1")]);
      const usage = { inputTokens: 10, outputTokens: 5 };
      const cost = { nanoDollars: 700, unpricedCalls: 0 };
      const head = await extend(store, "t", [close("a", "answer", { usage, cost })]);
      const run = existing(await store.loadRun(keyOf("t"), "r1"));
      assert.deepEqual(run.usage, usage);
      assert.deepEqual(run.cost, cost);
      assert.equal(run.lastMessageId, "a");
      assert.deepEqual(head.activity.runs, [run]);
      assert.deepEqual(await headOf(store, "t"), head);
    },
  },
  {
    name: "runs are listed newest first, page by page",
    run: async ({ openStore }) => {
      const store = await openStore();
      const ids = ["r1", "r2", "r3", "r4", "r5"];
      await extend(store, "t", [create("t")]);
      for (const [index, id] of ids.entries()) {
        await extend(store, "t", [startRun(id, { createdAt: START + index }, false)]);
        if (index % 2 === 0) await extend(store, "t", [endRun(id)]);
      }
      const list = async (limit: number, before?: string): Promise<readonly string[]> => {
        const query = { limit, ...(before !== undefined && { before }) };
        return (await store.listRuns(keyOf("t"), query)).map(({ id }) => id);
      };
      assert.deepEqual(await list(10), ids.toReversed());
      assert.deepEqual(await list(2), ["r5", "r4"]);
      assert.deepEqual(await list(2, "r4"), ["r3", "r2"]);
      assert.deepEqual(await list(2, "r2"), ["r1"]);
      assert.deepEqual(await list(2, "r1"), []);
      assert.deepEqual(await store.listRuns(keyOf("nobody"), { limit: 10 }), []);
    },
  },
  {
    name: "a run in a list is the run as it is loaded",
    run: async ({ openStore }) => {
      const store = await openStore();
      await extend(store, "t", [create("t"), startRun("r1"), claimRun("r1", "w", 1), endRun("r1")]);
      await extend(store, "t", [startRun("r2")]);
      for (const run of await store.listRuns(keyOf("t"), { limit: 10 }))
        assert.deepEqual(await store.loadRun(keyOf("t"), run.id), run);
    },
  },
  {
    name: "a run that ends is told apart from another thread's run of the same id",
    run: async ({ openStore }) => {
      const store = await openStore();
      await extend(store, "t", [create("t"), startRun("same")]);
      await extend(store, "u", [create("u"), startRun("same"), endRun("same")]);
      assert.equal((await store.loadRun(keyOf("t"), "same"))?.status, "queued");
      assert.equal((await store.loadRun(keyOf("u"), "same"))?.status, "completed");
      assert.equal((await store.listRunnableRuns()).length, 1);
    },
  },
  {
    name: "steps are listed in the order in which they started, as they are now",
    run: async ({ openStore }) => {
      const store = await openStore();
      const first = newStep("s1", "r1", { messageId: "a" });
      const second = newStep("s2", "r1", { kind: "tool", key: "tool:c1", name: "look" });
      const retry = newStep("s3", "r1", { key: "tool:c1", attempt: 2, fence: 2 });
      await extend(store, "t", [
        create("t"),
        say("m", "go"),
        startRun("r1"),
        { op: "step.start", data: { step: first } },
      ]);
      const done = {
        ...first,
        status: "completed",
        endedAt: START + 9,
        usage: { inputTokens: 1, outputTokens: 1 },
      } as const;
      await extend(store, "t", [
        { op: "step.start", data: { step: second } },
        { op: "step.end", data: { step: done } },
        { op: "step.start", data: { step: retry } },
      ]);
      assert.deepEqual(await store.listSteps(keyOf("t"), "r1"), [done, second, retry]);
      assert.deepEqual(await store.listSteps(keyOf("t"), "r2"), []);
      assert.deepEqual(await store.listSteps(keyOf("u"), "r1"), []);
    },
  },
  {
    name: "steps are listed from a segment on, also those that went on in it",
    run: async ({ openStore }) => {
      const store = await openStore();
      const ids = Array.from({ length: 120 }, (_, n) => `s${n}`);
      const steps = ids.map((id, n) =>
        newStep(id, "r1", { ...(n > 0 && { segment: Math.floor(n / 30) }) }),
      );
      const other = newStep("other", "r2", { segment: 9 });
      await extend(store, "t", [create("t"), startRun("r1"), startRun("r2", {}, false)]);
      for (const step of [...steps, other])
        await extend(store, "t", [{ op: "step.start", data: { step } }]);
      const list = (from?: number): Promise<readonly Step[]> =>
        store.listSteps(keyOf("t"), "r1", from);
      assert.deepEqual(await list(), steps);
      assert.deepEqual(await list(0), steps);
      assert.deepEqual(await list(1), steps.slice(30));
      assert.deepEqual(await list(3), steps.slice(90));
      assert.deepEqual(await list(4), []);
      const later: Step = { ...newStep("s119", "r1"), segment: 7, status: "completed" };
      await extend(store, "t", [{ op: "step.end", data: { step: later } }]);
      assert.deepEqual(await list(4), [later]);
    },
  },
  {
    name: "a run on each branch is kept, with what it holds",
    run: async ({ openStore }) => {
      const store = await openStore();
      const head = await extend(store, "t", [
        create("t"),
        startRun("r1"),
        startRun("r2", {}, false),
        startRun("r3", { branch: "side" }),
      ]);
      assert.deepEqual(head.activity.holds, { main: "r1", side: "r3" });
      assert.deepEqual(await headOf(store, "t"), head);
      const next = await extend(store, "t", [
        endRun("r1"),
        { op: "run.update", data: { runId: "r2", run: {}, holds: true } },
      ]);
      assert.deepEqual(next.activity.holds, { main: "r2", side: "r3" });
      assert.deepEqual(await headOf(store, "t"), next);
    },
  },
];
