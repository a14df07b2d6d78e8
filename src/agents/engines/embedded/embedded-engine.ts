import { NOBODY } from "../../../model/run.ts";
import type { Run } from "../../../model/run.ts";
import { agendaOf } from "../../../store/run-agenda.ts";
import { isWithin, refOf } from "../../run-engine.ts";
import type { RunEngine, RunEngineHost, RunRef, WorkScope } from "../../run-engine.ts";
import { coalesced } from "./coalesced.ts";
import { Slots } from "./slots.ts";
import { wakeDue } from "./wake-due.ts";

const SWEEP_MS = 3_000;
// The first commit of another process is looked at soon; more of them come in bursts, and the more there is to look at, the longer
// they are waited for.
const FOREIGN_MS = 25;
const FOREIGN_BURST_MS = 200;
// So much longer than a look takes is waited for the next one: a tenth of the time at most goes into looking.
const REST = 10;
const LAPSE_MS = 1_000;
const REPAIR_MS = 10_000;
// Long enough for a process that has the agent to come up; a run whose agent is gone for good must end.
const UNKNOWN_AGENT_MS = 300_000;

/** Carries runs out in this process, with the journal in the store. Several processes may share a store: a run belongs to
 *  the one that claimed it for as long as that process lives. */
export function embeddedEngine(host: RunEngineHost): RunEngine {
  const { engine, clock, onError } = host;
  const { store } = engine;
  const slots = new Slots(host);
  const stops: (() => void)[] = [];
  let isTaking = false;
  let scope: WorkScope | undefined;
  let lapses = store.lapses;
  let sweepMs = 0;

  const submit = (ref: RunRef): void => {
    if (isTaking && isWithin(ref, scope)) slots.add(ref);
  };

  const onRuns = (tenant: string, threadId: string, runs: readonly Run[], holds: Holds): void => {
    const key = { tenant, id: threadId };
    for (const run of runs) {
      const ref = refOf(key, run);
      const { isRunnable, dueAt } = agendaOf(run, holds[run.branch] === run.id);
      if (run.status === "cancelling") slots.cancel(ref);
      if (isRunnable && run.status === "queued") submit(ref);
      // Whoever had it has given it up, or may be dead; then somebody has to go on with it or end it.
      else if ((run.status === "cancelling" || run.owner === NOBODY) && !slots.has(ref)) sweeper(0);
      const dueInMs = dueAt === null ? SWEEP_MS : dueAt - clock();
      if (dueInMs < SWEEP_MS) sweeper(Math.max(0, dueInMs));
    }
  };

  /** Whether this process should take a run that it finds in the store. */
  const isForUs = async (
    run: Run,
    isAlive: (owner: string) => Promise<boolean>,
  ): Promise<boolean> => {
    const ageMs = clock() - run.createdAt;
    if (!host.knowsAgent(run.agentId) && ageMs < UNKNOWN_AGENT_MS) return false;
    if (run.status === "queued") return true;
    // Ours, and nobody in this process works on it: an earlier attempt could not write its end.
    const { owner = NOBODY } = run;
    return owner === NOBODY || owner === store.instance || !(await isAlive(owner));
  };

  const sweep = async (): Promise<void> => {
    if (!isTaking) return;
    const start = performance.now();
    const nextInMs = await wakeDue(host, scope, SWEEP_MS);
    const isAlive = askedOnce((owner) => store.isAlive(owner));
    for (const { key, run } of await engine.worker.listRunnable()) {
      const ref = refOf(key, run);
      if (run.status === "cancelling") slots.cancel(ref);
      if (!slots.has(ref) && isWithin(ref, scope) && (await isForUs(run, isAlive))) submit(ref);
    }
    sweepMs = performance.now() - start;
    if (nextInMs !== undefined) sweeper(Math.max(0, nextInMs));
  };

  const sweeper: (delayMs: number) => void = coalesced(
    sweep,
    // A store that was closed meanwhile has nothing to sweep.
    (error) => (isTaking ? onError(error) : undefined),
  );

  /** Others may have taken all that this process had; it can take what is left anew. */
  const noticeLapse = (): void => {
    if (store.lapses === lapses) return;
    lapses = store.lapses;
    void slots.abandon().then(() => sweeper(0));
  };

  const every = (ms: number, work: () => void): void => {
    const interval = setInterval(work, ms).unref();
    stops.push(() => clearInterval(interval));
  };

  return {
    submit,
    cancel: (ref) => slots.cancel(ref),
    async recover(only) {
      scope = only;
      if (isTaking) return sweep();
      isTaking = true;
      lapses = store.lapses;
      stops.push(
        engine.onRunChange(({ tenant, threadId, runs, holds }) =>
          onRuns(tenant, threadId, runs, holds),
        ),
        listenToOthers(host, sweeper, () => sweepMs),
      );
      every(SWEEP_MS, () => sweeper(0));
      every(LAPSE_MS, noticeLapse);
      const repair = (): void => void host.repair().catch(onError);
      every(REPAIR_MS, repair);
      await sweep();
      repair();
    },
    async drain(graceMs) {
      isTaking = false;
      for (const stop of stops.splice(0)) stop();
      await slots.drain(graceMs);
    },
  };
}

type Holds = Readonly<Record<string, string>>;

/** Sweeps soon after others changed a run. Returns what ends it. */
function listenToOthers(
  { engine }: RunEngineHost,
  sweeper: (delayMs: number) => void,
  sweepMs: () => number,
): () => void {
  let last = Number.NEGATIVE_INFINITY;
  const soon = (): void => {
    const now = performance.now();
    const burstMs = Math.min(FOREIGN_BURST_MS, Math.max(FOREIGN_MS, sweepMs() * REST));
    sweeper(now - last > FOREIGN_BURST_MS ? FOREIGN_MS : burstMs);
    last = now;
  };
  return engine.worker.listenToOthers({
    onCommit: ({ hasRun }) => {
      if (hasRun) soon();
    },
    onGap: soon,
  });
}

/** Many runs of one process are one question. */
function askedOnce<T>(ask: (name: string) => Promise<T>): (name: string) => Promise<T> {
  const answers = new Map<string, Promise<T>>();
  return (name) => {
    const answer = answers.get(name) ?? ask(name);
    answers.set(name, answer);
    return answer;
  };
}
