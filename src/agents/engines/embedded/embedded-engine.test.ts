import { afterEach, describe, expect, test } from "vitest";
import { createEngine } from "../../../engine/create-engine.ts";
import type { Engine, RunWriter } from "../../../engine/engine.ts";
import type { RunAction } from "../../../model/command.ts";
import type { Run } from "../../../model/run.ts";
import { memoryStore } from "../../../store/memory/memory-store.ts";
import type { Store } from "../../../store/store.ts";
import { waitForRun } from "../../wait-for-run.ts";
import type { RunEngine, RunEngineHost, RunRef } from "../../run-engine.ts";
import type { RunStop } from "../../run-stop.ts";
import { embeddedEngine } from "./embedded-engine.ts";

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

/** What a test makes of a run that was claimed. */
type Work = (claimed: Run, stop: RunStop, progress: Progress) => Promise<unknown>;
type Progress = (...actions: readonly RunAction[]) => Promise<Run>;

interface Bench {
  readonly engine: Engine;
  readonly runs: RunEngine;
  readonly errors: readonly unknown[];
  /** Asks for a run on a thread of its own. */
  readonly ask: (threadId: string, run?: { readonly expiresInMs?: number }) => Promise<Run>;
  readonly ended: (run: Run) => Promise<Run>;
}

function bench(
  work: Work,
  { store = memoryStore(), ...host }: Partial<RunEngineHost> & { readonly store?: Store } = {},
  worker: Partial<RunWriter> = {},
): Bench {
  const engine = createEngine({ store });
  const errors: unknown[] = [];
  const execute = async ({ key, runId, fence }: RunRef, stop: RunStop): Promise<void> => {
    const claimed = await engine.worker.claim(key.tenant, key.id, runId, fence);
    const progress: Progress = (...actions) =>
      engine.worker.progress(key.tenant, key.id, { runId, fence: claimed.fence, actions });
    stop.onRelease = async () => void (await progress({ kind: "run.release" }));
    await work(claimed, stop, progress);
  };
  const runs = embeddedEngine({
    engine: { ...engine, worker: { ...engine.worker, ...worker } },
    execute,
    repair: async () => undefined,
    knowsAgent: () => true,
    clock: Date.now,
    onError: (error) => errors.push(error),
    ...host,
  });
  cleanups.push(async () => {
    await runs.drain(0);
    await engine.close();
  });
  return {
    engine,
    runs,
    errors,
    ask: async (threadId, run = {}) => {
      const messages = [{ content: "Go" }];
      const { run: asked } = await engine.append(threadId, { messages, run });
      if (asked === undefined) throw new TypeError("No run was asked for.");
      return asked;
    },
    ended: ({ threadId, id }) => waitForRun(engine, { tenant: "default", id: threadId }, id),
  };
}

const complete: RunAction = { kind: "run.event", event: "complete" };
const wait: RunAction = { kind: "run.event", event: "require_action" };

function ask(kind: "timer" | "approval", dueAt?: number): RunAction {
  const action = { id: "a", kind, name: "it", ...(dueAt !== undefined && { dueAt }) };
  return { kind: "action.request", action };
}

describe("the embedded engine", () => {
  test("goes on with a run when the time comes that it waits for", async () => {
    const {
      engine,
      runs,
      ask: asked,
      ended,
    } = bench(async ({ actions = [] }, _stop, progress) =>
      actions.length === 0
        ? progress(ask("timer", Date.now() + 40), wait)
        : progress({ kind: "action.done", actionId: "a" }, complete),
    );
    await engine.create({ id: "t" });
    await runs.recover();
    const run = await ended(await asked("t"));
    expect(run).toMatchObject({ status: "completed", segment: 1 });
    expect(run.actions).toMatchObject([{ id: "a", status: "done", decision: { type: "due" } }]);
  });

  test("ends a run whose time is over before its turn comes", async () => {
    const {
      engine,
      runs,
      ask: asked,
      ended,
      errors,
    } = bench((_run, _stop, progress) => progress(ask("approval"), wait));
    await engine.create({ id: "t" });
    await runs.recover();
    const first = await asked("t");
    const second = await asked("t", { expiresInMs: 30 });
    expect(await ended(second)).toMatchObject({
      status: "expired",
      error: { code: "run_expired" },
    });
    expect(await engine.run("t", first.id)).toMatchObject({ status: "requires_action" });
    expect(errors).toEqual([]);
  });

  test("goes on at once with a run that was answered while it made up its mind to wait", async () => {
    let sweeps = 0;
    const store = memoryStore();
    const {
      engine,
      runs,
      ask: asked,
      ended,
    } = bench(
      async ({ id, actions = [] }, _stop, progress) => {
        if (actions.length > 0) return progress({ kind: "action.done", actionId: "a" }, complete);
        await progress(ask("approval"));
        await engine.decide("t", id, [{ actionId: "a", decision: "approve" }]);
        sweeps = 0;
        return progress(wait);
      },
      { store },
      {
        listRunnable: () => {
          sweeps += 1;
          return store.listRunnableRuns();
        },
      },
    );
    await engine.create({ id: "t" });
    await runs.recover();
    expect(await ended(await asked("t"))).toMatchObject({ status: "completed", fence: 2 });
    expect(sweeps).toBe(0);
  });

  test("gives up what it works on when it was taken for dead, and takes what is left", async () => {
    const store = memoryStore();
    let lapses = 0;
    const lapsing = new Proxy(store, {
      get(target, name): unknown {
        if (name === "lapses") return lapses;
        const value: unknown = Reflect.get(target, name, target);
        return typeof value === "function" ? value.bind(target) : value;
      },
    });
    const causes: (string | undefined)[] = [];
    const {
      engine,
      runs,
      ask: asked,
      ended,
    } = bench(
      async ({ fence }, stop, progress) => {
        if (fence > 1) return progress(complete);
        lapses += 1;
        await new Promise((resolve) => stop.signal.addEventListener("abort", resolve));
        return causes.push(stop.cause);
      },
      { store: lapsing },
    );
    await engine.create({ id: "t" });
    await runs.recover();
    expect(await ended(await asked("t"))).toMatchObject({ status: "completed", fence: 2 });
    expect(causes).toEqual(["abandoned"]);
  });

  test("works on so many runs at once, and lets those that wait hold nobody up", async () => {
    let active = 0;
    let most = 0;
    const {
      engine,
      runs,
      ask: asked,
      ended,
    } = bench(
      async ({ threadId }, _stop, progress) => {
        if (threadId.startsWith("waiting")) return progress(ask("approval"), wait);
        active += 1;
        most = Math.max(most, active);
        await new Promise(setImmediate);
        active -= 1;
        return progress(complete);
      },
      { concurrency: 2 },
    );
    await runs.recover();
    const threads = ["waiting-1", "waiting-2", "waiting-3", "a", "b", "c", "d"];
    for (const id of threads) await engine.create({ id });
    const asking = await Promise.all(threads.map((id) => asked(id)));
    for (const run of asking.slice(3)) expect((await ended(run)).status).toBe("completed");
    expect(most).toBe(2);
    expect((await engine.worker.listRunnable()).length).toBe(0);
  });

  test("leaves runs of agents that it does not have to others", async () => {
    const {
      engine,
      runs,
      ask: asked,
    } = bench((_run, _stop, progress) => progress(complete), {
      knowsAgent: () => false,
    });
    await engine.create({ id: "t" });
    const run = await asked("t");
    await runs.recover();
    expect(await engine.run("t", run.id)).toMatchObject({ status: "queued", fence: 0 });
  });

  test("a timer of one run that cannot be woken holds no other up", async () => {
    const store = memoryStore();
    const {
      engine,
      runs,
      ask: asked,
      ended,
      errors,
    } = bench(
      async ({ actions = [] }, _stop, progress) =>
        actions.length === 0 ? progress(ask("timer", Date.now()), wait) : progress(complete),
      { store },
      {
        wake: async (tenant, threadId, runId) => {
          if (threadId === "stuck") throw new Error("It cannot be woken.");
          await engine.worker.wake(tenant, threadId, runId);
        },
      },
    );
    await engine.create({ id: "stuck" });
    await engine.create({ id: "t" });
    await runs.recover();
    const stuck = await asked("stuck");
    expect((await ended(await asked("t"))).status).toBe("completed");
    expect(errors).not.toEqual([]);
    expect((await engine.run("stuck", stuck.id)).status).toBe("requires_action");
  });
});
