import type { Engine, WriteOptions } from "../engine/engine.ts";
import { isSkeinError } from "../model/error.ts";
import { isEnded } from "../model/run-transitions.ts";
import type { Run } from "../model/run.ts";
import type { ThreadKey } from "../store/key.ts";
import type { RunServices } from "./run-context.ts";
import { RunStop } from "./run-stop.ts";
import { executeRun } from "./turn-loop.ts";
import { waitForRun } from "./wait-for-run.ts";

/** How long a run that works is given to stop by itself. */
const STOP_MS = 10_000;

// Runs that are asked for meanwhile are stopped, too, but not for ever.
const ROUNDS = 5;

interface Stopping {
  readonly services: RunServices;
  readonly engine: Engine;
  readonly key: ThreadKey;
  readonly options: WriteOptions;
  /** Only the runs of this branch. */
  readonly branch?: string;
}

/** Carries out what a run is in the way of: cancels the runs, gives them 10 s to stop, and ends from outside what does not. */
export async function onceStopped<T>(
  stopping: Stopping,
  write: (options: WriteOptions) => Promise<T>,
): Promise<T> {
  let { options } = stopping;
  for (let round = 0; ; round++) {
    try {
      return await write(options);
    } catch (error) {
      if (!isSkeinError(error, "run_active") || round === ROUNDS) throw error;
    }
    await stopRuns(stopping);
    // The version was as expected when it was asked for; stopping the runs has raised it.
    const { expectedVersion: _version, expectedHead: _head, ...rest } = options;
    options = rest;
  }
}

async function stopRuns({ services, engine, key, options, branch }: Stopping): Promise<void> {
  const caller = options.userId === undefined ? {} : { userId: options.userId };
  const { runs } = await engine.detail(key.id, caller);
  const inTheWay = runs.filter((run) => branch === undefined || run.branch === branch);
  // The waiting ones first, so that none of them starts when the working one stops.
  for (const { id } of inTheWay.toReversed()) await engine.cancelRun(key.id, id, caller);
  const deadline = performance.now() + STOP_MS;
  for (const { id } of inTheWay) {
    const timeoutMs = Math.max(1, deadline - performance.now());
    const run = await endOf(engine, key, id, { ...caller, timeoutMs });
    // Its worker does not let go, or is none: what the run has written is kept, and what it still writes is refused.
    if (run === undefined) await executeRun(services, { key, runId: id }, new RunStop());
  }
}

async function endOf(
  engine: Engine,
  key: ThreadKey,
  runId: string,
  options: { readonly userId?: string; readonly timeoutMs: number },
): Promise<Run | undefined> {
  try {
    const run = await waitForRun(engine, key, runId, options);
    return isEnded(run.status) ? run : undefined;
  } catch (error) {
    if (isSkeinError(error, "timeout")) return undefined;
    throw error;
  }
}
