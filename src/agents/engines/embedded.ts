import type { Clock } from "../../engine/clock.ts";
import type { Engine } from "../../engine/engine.ts";
import { sleep } from "../../engine/retry.ts";
import { NOBODY } from "../../model/run.ts";
import type { Run } from "../../model/run.ts";
import type { Store } from "../../store/store.ts";
import { crashPoint } from "../crash-point.ts";
import type { RunEngine, RunRef, WorkScope } from "../run-engine.ts";
import { RunStop } from "../run-stop.ts";

const DEFAULT_CONCURRENCY = 16;
const SWEEP_MS = 3_000;
// Commits of other processes come in bursts.
const FOREIGN_MS = 200;
// The process that took a request starts its run at once; only what it left waiting is for others.
const OTHERS_FIRST_MS = 1_000;
// Long enough for a process that has the agent to come up; a run whose agent is gone for good must end.
const UNKNOWN_AGENT_MS = 300_000;
const ABANDON_MS = 2_000;

export interface EmbeddedOptions {
  readonly engine: Pick<Engine, "store" | "worker" | "onRunChange">;
  /** Carries one run out; throws only when the store cannot be written to. */
  readonly execute: (ref: RunRef, stop: RunStop) => Promise<void>;
  readonly knowsAgent: (name: string) => boolean;
  readonly clock: Clock;
  /** Runs at once, default 16. */
  readonly concurrency?: number | undefined;
  readonly onError: (error: unknown) => void;
}

/** What each open store's runs are worked on in this process, by whichever engine. */
const working = new WeakMap<Store, Set<string>>();

/** Carries runs out in this process, with the journal in the store. Several processes may share a store: a run belongs to
 *  the one that claimed it for as long as that process lives. */
export function embeddedEngine(options: EmbeddedOptions): RunEngine {
  const { engine, clock, concurrency = DEFAULT_CONCURRENCY } = options;
  const { store } = engine;
  const inProcess = working.get(store) ?? new Set<string>();
  working.set(store, inProcess);
  const waiting = new Map<string, RunRef>();
  const active = new Map<string, { readonly stop: RunStop; readonly done: Promise<void> }>();
  const stops: (() => void)[] = [];
  let isTaking = false;
  let scope: WorkScope | undefined;

  const submit = (ref: RunRef): void => {
    const name = nameOf(ref);
    if (!isTaking || inProcess.has(name) || waiting.has(name) || !isWithin(ref, scope)) return;
    waiting.set(name, ref);
    crashPoint("before-pickup");
    pump();
  };

  const pump = (): void => {
    for (const [name, ref] of waiting) {
      if (active.size >= concurrency) return;
      waiting.delete(name);
      if (inProcess.has(name)) continue;
      const stop = new RunStop();
      inProcess.add(name);
      const done = options
        .execute(ref, stop)
        .catch(options.onError)
        .finally(() => {
          active.delete(name);
          inProcess.delete(name);
          pump();
        });
      active.set(name, { stop, done });
    }
  };

  const cancel = (ref: RunRef): void => active.get(nameOf(ref))?.stop.stop("cancelled");

  const onRuns = (tenant: string, threadId: string, runs: readonly Run[]): void => {
    const key = { tenant, id: threadId };
    for (const run of runs) {
      const ref = { key, runId: run.id, fence: run.fence };
      if (run.status === "cancelling") {
        cancel(ref);
        // Its worker may be dead; then somebody has to end it.
        if (!inProcess.has(nameOf(ref))) sweeper(0);
      } else if (run.owner === NOBODY) {
        if (!inProcess.has(nameOf(ref))) sweeper(0);
      } else if (run.status === "queued" && holds(run, runs)) submit(ref);
    }
  };

  /** Whether this process should take a run that it finds in the store. */
  const isForUs = async (run: Run, isStart: boolean): Promise<boolean> => {
    const ageMs = clock() - run.createdAt;
    if (!options.knowsAgent(run.agentId) && ageMs < UNKNOWN_AGENT_MS) return false;
    if (run.status === "queued") {
      // A run from the future was made by a clock that was set back since.
      if (isStart || ageMs >= OTHERS_FIRST_MS || ageMs < 0) return true;
      sweeper(OTHERS_FIRST_MS);
      return false;
    }
    if (run.status !== "running" && run.status !== "cancelling") return false;
    // Ours, and nobody in this process works on it: an earlier attempt could not write its end.
    const { owner = NOBODY } = run;
    return owner === NOBODY || owner === store.instance || !(await store.isAlive(owner));
  };

  const sweep = async (isStart: boolean): Promise<void> => {
    if (!isTaking) return;
    const unended = await engine.worker.listUnended();
    const byThread = new Map<string, Run[]>();
    for (const { tenant, threadId, run } of unended) {
      const ref = { key: { tenant, id: threadId }, runId: run.id, fence: run.fence };
      if (run.status === "cancelling") cancel(ref);
      const thread = `${tenant}\n${threadId}`;
      const before = byThread.get(thread) ?? [];
      byThread.set(thread, [...before, run]);
      if (inProcess.has(nameOf(ref)) || !holds(run, [...before, run])) continue;
      if (await isForUs(run, isStart)) submit(ref);
    }
  };

  const sweeper: (delayMs: number) => void = coalesced(
    () => sweep(false),
    // A store that was closed meanwhile has nothing to sweep.
    (error) => (isTaking ? options.onError(error) : undefined),
  );

  return {
    submit,
    cancel,
    async recover(only) {
      scope = only;
      if (isTaking) return sweep(true);
      isTaking = true;
      stops.push(
        engine.onRunChange(({ tenant, threadId, runs }) => onRuns(tenant, threadId, runs)),
      );
      const interval = setInterval(() => sweeper(0), SWEEP_MS).unref();
      stops.push(() => clearInterval(interval));
      stops.push(
        engine.worker.listenToOthers({
          onCommit: ({ hasRun }) => {
            if (hasRun) sweeper(FOREIGN_MS);
          },
          onGap: () => sweeper(FOREIGN_MS),
        }),
      );
      await sweep(true);
    },
    async drain(graceMs) {
      isTaking = false;
      waiting.clear();
      for (const stop of stops.splice(0)) stop();
      const settled = Promise.all([...active.values()].map(({ done }) => done));
      const grace = new AbortController();
      await Promise.race([settled, sleep(graceMs, grace.signal).catch(() => undefined)]);
      grace.abort();
      const abandoned = [...active.values()].map(({ stop }) => stop);
      for (const stop of abandoned) stop.stop("abandoned");
      const patience = new AbortController();
      await Promise.race([settled, sleep(ABANDON_MS, patience.signal).catch(() => undefined)]);
      patience.abort();
      // This process may live on; nobody else would touch what it owns. What still works here has lost nothing but the
      // right to be the only one: the next claim raises the fence.
      await Promise.all(abandoned.map((stop) => stop.release().catch(options.onError)));
    },
  };
}

/** The run that holds a branch is the oldest of the branch that has not ended. */
function holds(run: Run, oldestFirst: readonly Run[]): boolean {
  return oldestFirst.find(({ branch }) => branch === run.branch)?.id === run.id;
}

function isWithin({ key, runId }: RunRef, scope: WorkScope | undefined): boolean {
  if (scope === undefined) return true;
  const isThread = key.tenant === scope.key.tenant && key.id === scope.key.id;
  return isThread && (scope.runId === undefined || scope.runId === runId);
}

function nameOf({ key, runId }: RunRef): string {
  return `${key.tenant}\n${key.id}\n${runId}`;
}

/** Runs `work` after a while, at most once at a time; of the requests before it begins the earliest counts. */
function coalesced(
  work: () => Promise<void>,
  onError: (error: unknown) => void,
): (delayMs: number) => void {
  let timer: NodeJS.Timeout | undefined;
  let dueAt = Number.POSITIVE_INFINITY;
  let isWorking = false;
  let againMs: number | undefined;
  const ask = (delayMs: number): void => {
    if (isWorking) {
      againMs = Math.min(againMs ?? delayMs, delayMs);
      return;
    }
    const at = performance.now() + delayMs;
    if (dueAt <= at) return;
    clearTimeout(timer);
    dueAt = at;
    timer = setTimeout(() => void start(), delayMs).unref();
  };
  const start = async (): Promise<void> => {
    isWorking = true;
    dueAt = Number.POSITIVE_INFINITY;
    await work().catch(onError);
    isWorking = false;
    if (againMs !== undefined) ask(againMs);
    againMs = undefined;
  };
  return ask;
}
