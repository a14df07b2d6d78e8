import type { Engine, WriteOptions } from "../engine/engine.ts";
import { isSkeinError } from "../model/error.ts";
import type { ThreadKey } from "../store/key.ts";
import { waitForRun } from "./wait-for-run.ts";

const STOP_MS = 10_000;

/** Deletes a thread. A run that works on it is cancelled first and given 10 s to stop; then `timeout`. */
export async function deleteThread(
  engine: Engine,
  key: ThreadKey,
  options: WriteOptions & { readonly purge?: boolean } = {},
): Promise<void> {
  try {
    await engine.delete(key.id, options);
  } catch (error) {
    if (!isSkeinError(error, "run_active")) throw error;
    await stopRuns(engine, key, options);
    // The version was as expected when the deletion was asked for; stopping the run has raised it.
    const { expectedVersion: _version, expectedHead: _head, ...rest } = options;
    await engine.delete(key.id, rest);
  }
}

async function stopRuns(engine: Engine, key: ThreadKey, options: WriteOptions): Promise<void> {
  const caller = options.userId === undefined ? {} : { userId: options.userId };
  const { runs } = await engine.detail(key.id, caller);
  // The waiting ones first, so that none of them starts when the working one stops.
  for (const { id } of runs.toReversed()) await engine.cancelRun(key.id, id, caller);
  for (const { id } of runs) await waitForRun(engine, key, id, { ...caller, timeoutMs: STOP_MS });
}
