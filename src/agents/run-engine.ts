import type { Clock } from "../engine/clock.ts";
import type { Engine } from "../engine/engine.ts";
import type { Run } from "../model/run.ts";
import type { ThreadKey } from "../store/key.ts";
import type { RunStop } from "./run-stop.ts";

/** Names a run. Payloads stay in the store. */
export interface RunRef {
  readonly key: ThreadKey;
  readonly runId: string;
  /** The run's fence when it was found; whoever claims it first has it. */
  readonly fence?: number;
}

/** What a worker is for: the runs of one thread, or one run. */
export interface WorkScope {
  readonly key: ThreadKey;
  readonly runId?: string;
}

/**
 * What carries runs out. Delivery is at least once: a run may be submitted twice, by several processes and after its end;
 * the store decides who may write.
 *
 * An engine brings a run to a process that works, at the right time, and nothing else. Journal, fence, content and outcome are in
 * the store; an engine needs to keep the name of a run and its segment (`Run.segment`) at most. It must see to it that
 *
 * - a run that can be claimed (`listRunnable`) is executed soon after the commit that made it so, by whatever process: when it was
 *   asked for, when it goes on after it waited, when its worker is dead, has given it up or has lapsed;
 * - a run that nobody works on is looked at (`wake`) when it is due (`listDue`), on the store's clock;
 * - runs that are to be cancelled are stopped where they are executed, and executed anywhere else to be ended;
 * - a process that has lapsed (`Store.lapses`) stops what it executes, because others may have taken it;
 * - `repair` is called at the start and about every ten seconds.
 */
export interface RunEngine {
  /** Works on the run as soon as there is room. Ignored while this process already does. */
  submit(ref: RunRef): void;
  /** Stops the work on a run that was asked to stop, if it happens in this process. */
  cancel(ref: RunRef): void;
  /** Starts working, beginning with what dead processes left and what waits. With `only`, on nothing else: for a process
   *  that will not stay. */
  recover(only?: WorkScope): Promise<void>;
  /** Takes nothing new, waits up to `graceMs` for what is under way, then gives the rest up: any other process may take it at
   *  once, whether this one lives on or not. */
  drain(graceMs: number): Promise<void>;
}

/** What an engine has to work with. */
export interface RunEngineHost {
  readonly engine: Pick<Engine, "store" | "worker" | "onRunChange">;
  /** Claims a run and carries it out until it ends, waits, or is stopped. Does nothing to a run that another worker has. Throws
   *  only when the store cannot be written to; then the run is to be executed again. */
  readonly execute: (ref: RunRef, stop: RunStop) => Promise<void>;
  /** Delivers what processes that died left undelivered. */
  readonly repair: () => Promise<void>;
  readonly knowsAgent: (name: string) => boolean;
  readonly clock: Clock;
  /** Runs at once in this process. Absent: the engine's choice. */
  readonly concurrency?: number | undefined;
  /** Hears of faults that no caller waits for. */
  readonly onError: (error: unknown) => void;
}

/** Names a run as long as it lives. */
export function nameOfRun({ key, runId }: RunRef): string {
  return `${key.tenant}\n${key.id}\n${runId}`;
}

export function isWithin({ key, runId }: RunRef, scope: WorkScope | undefined): boolean {
  if (scope === undefined) return true;
  const isThread = key.tenant === scope.key.tenant && key.id === scope.key.id;
  return isThread && (scope.runId === undefined || scope.runId === runId);
}

export function refOf(key: ThreadKey, { id, fence }: Run): RunRef {
  return { key, runId: id, fence };
}
