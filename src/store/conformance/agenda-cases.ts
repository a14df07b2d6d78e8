import assert from "node:assert/strict";
import type { Action } from "../../model/action.ts";
import type { Run } from "../../model/run.ts";
import type { Store, StoredRun } from "../store.ts";
import type { ConformanceCase } from "./conformance-case.ts";
import { create, extend, keyOf, START } from "./fixture.ts";
import type { Change } from "./fixture.ts";
import { claimRun, endRun, startRun } from "./run-fixture.ts";

const ALL = 1_000;

/** Which runs workers find when they ask what there is to do. */
export const AGENDA_CASES: readonly ConformanceCase[] = [
  {
    name: "runs to work on are listed over all tenants, oldest first",
    run: async ({ openStore }) => {
      const store = await openStore();
      const other = { tenant: "globex", id: "g" };
      await extend(store, "t", [create("t"), startRun("r1", { createdAt: START + 1 })]);
      await extend(store, other, [
        create("g", { tenant: "globex" }),
        startRun("r2", { createdAt: START + 2 }),
      ]);
      await extend(store, "u", [create("u"), startRun("r3", { createdAt: START + 3 })]);
      await extend(store, "v", [create("v"), startRun("r4", { createdAt: START + 4 })]);
      await extend(store, "v", [claimRun("r4", "w", 1)]);
      await extend(store, "v", [update("r4", { status: "cancelling" })]);
      await extend(store, "u", [endRun("r3")]);
      const runs = await store.listRunnableRuns();
      assert.deepEqual(
        runs.map(({ key, run }) => [key, run.id, run.status]),
        [
          [keyOf("t"), "r1", "queued"],
          [other, "r2", "queued"],
          [keyOf("v"), "r4", "cancelling"],
        ],
      );
      assert.deepEqual(runs[0]?.run, await store.loadRun(keyOf("t"), "r1"));
    },
  },
  {
    name: "a run that waits for its branch, or for something, is none to work on until it goes on",
    run: async ({ openStore }) => {
      const store = await openStore();
      await extend(store, "t", [create("t"), startRun("r1"), startRun("r2", {}, false)]);
      assert.deepEqual(idsOf(await store.listRunnableRuns()), ["r1"]);
      await extend(store, "t", [claimRun("r1", "w", 1)]);
      await extend(store, "t", [request("r1", { id: "a", kind: "approval" })]);
      await extend(store, "t", [update("r1", { status: "requires_action" })]);
      assert.deepEqual(await store.listRunnableRuns(), []);
      await extend(store, "t", [decide("r1", "a"), update("r1", { status: "queued" })]);
      assert.deepEqual(idsOf(await store.listRunnableRuns()), ["r1"]);
      await extend(store, "t", [
        endRun("r1"),
        { op: "run.update", data: { runId: "r2", run: {}, holds: true } },
      ]);
      assert.deepEqual(idsOf(await store.listRunnableRuns()), ["r2"]);
    },
  },
  {
    name: "runs that wait are due when they expire, or when what they wait for is due",
    run: async ({ openStore }) => {
      const store = await openStore();
      await extend(store, "t", [
        create("t"),
        startRun("timer"),
        startRun("late", { expiresAt: START + 300 }, false),
      ]);
      await extend(store, "u", [create("u"), startRun("soon", { expiresAt: START + 100 })]);
      await extend(store, "v", [create("v"), startRun("never")]);
      await extend(store, "t", [claimRun("timer", "w", 1)]);
      await extend(store, "t", [
        request("timer", { id: "a", kind: "timer", dueAt: START + 200 }),
        request("timer", { id: "b", kind: "approval" }),
      ]);
      assert.deepEqual(idsOf(await store.listDueRuns(START + 1_000, ALL)), ["soon", "late"]);
      await extend(store, "t", [update("timer", { status: "requires_action" })]);
      const due = (by: number, limit: number = ALL): Promise<readonly StoredRun[]> =>
        store.listDueRuns(START + by, limit);
      assert.deepEqual(idsOf(await due(1_000)), ["soon", "timer", "late"]);
      assert.deepEqual(idsOf(await due(200)), ["soon", "timer"]);
      assert.deepEqual(idsOf(await due(199)), ["soon"]);
      assert.deepEqual(idsOf(await due(1_000, 2)), ["soon", "timer"]);
      assert.deepEqual((await due(1_000))[1]?.key, keyOf("t"));
      assert.deepEqual((await due(1_000))[1]?.run, await store.loadRun(keyOf("t"), "timer"));
      await extend(store, "t", [decide("timer", "a")]);
      assert.deepEqual(idsOf(await due(1_000)), ["soon", "late"]);
    },
  },
  {
    name: "a run that is worked on or has ended is not due",
    run: async ({ openStore }) => {
      const store = await openStore();
      const expiresAt = START + 100;
      await extend(store, "t", [create("t"), startRun("r1", { expiresAt })]);
      await extend(store, "u", [create("u"), startRun("r2", { expiresAt })]);
      assert.deepEqual(idsOf(await store.listDueRuns(expiresAt, ALL)), ["r1", "r2"]);
      await extend(store, "t", [claimRun("r1", "w", 1)]);
      await extend(store, "u", [endRun("r2", { status: "expired" })]);
      assert.deepEqual(await store.listDueRuns(expiresAt, ALL), []);
    },
  },
  {
    name: "runs that wait for a run that they called are listed until it has answered",
    run: async ({ openStore }) => {
      const store = await openStore();
      const calling = (): Promise<readonly string[]> => listed(store);
      await extend(store, "t", [create("t"), startRun("r1")]);
      await extend(store, "u", [create("u"), startRun("r2")]);
      for (const [id, run] of [
        ["t", "r1"],
        ["u", "r2"],
      ] as const) {
        await extend(store, id, [claimRun(run, "w", 1)]);
        await extend(store, id, [
          request(run, { id: "a", kind: run === "r1" ? "run" : "approval" }),
        ]);
      }
      assert.deepEqual(await calling(), []);
      await extend(store, "t", [update("r1", { status: "requires_action" })]);
      await extend(store, "u", [update("r2", { status: "requires_action" })]);
      assert.deepEqual(await calling(), ["r1"]);
      await extend(store, "t", [decide("r1", "a")]);
      assert.deepEqual(await calling(), []);
    },
  },
  {
    name: "the runs of a purged thread are nothing to do",
    run: async ({ openStore }) => {
      const store = await openStore();
      await extend(store, "t", [create("t"), startRun("r1", { expiresAt: START })]);
      await extend(store, "t", [endRun("r1"), { op: "thread.purge", data: {} }]);
      assert.deepEqual(await store.listRunnableRuns(), []);
      assert.deepEqual(await store.listDueRuns(START, ALL), []);
      assert.deepEqual(await store.listCallingRuns(), []);
    },
  },
];

function idsOf(runs: readonly StoredRun[]): readonly string[] {
  return runs.map(({ run }) => run.id);
}

async function listed(store: Store): Promise<readonly string[]> {
  return idsOf(await store.listCallingRuns());
}

function update(runId: string, run: Partial<Run>): Change {
  return { op: "run.update", data: { runId, run } };
}

function request(runId: string, action: Pick<Action, "id" | "kind"> & Partial<Action>): Change {
  const data = { name: "it", status: "waiting", requestedAt: START, ...action } as const;
  return { op: "approval.request", data: { runId, action: data } };
}

function decide(runId: string, actionId: string): Change {
  const decision = { type: "due" } as const;
  return { op: "approval.decide", data: { runId, actionId, decision, isDone: false } };
}
