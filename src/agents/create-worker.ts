import type { Store } from "../store/store.ts";
import { createSkein } from "./create-skein.ts";
import type { SkeinOptions } from "./create-skein.ts";

export type WorkerOptions = Omit<SkeinOptions, "worker">;

/** A process that works on the runs of a store, whoever asked for them. */
export interface Worker extends AsyncDisposable {
  readonly store: Store;
  /** Takes no new runs; waits for the running ones up to `graceMs` (default 10,000), then gives them up: another process may
   *  take them at once. */
  drain(graceMs?: number): Promise<void>;
  /** Drains, then closes the store. */
  close(): Promise<void>;
}

// As long as a timer can wait.
const AWAKE_MS = 2 ** 31 - 1;

/** Opens the store and works on its runs until it is closed, beginning with what dead processes left. Keeps the process alive.
 *  Give it the agents that the runs are for; those of agents that it does not have are left to others for five minutes.
 *  @throws SkeinError  whatever opening the store throws; `unsupported_capability` for an unknown engine */
export async function createWorker(options: WorkerOptions): Promise<Worker> {
  const skein = createSkein({ ...options, worker: false });
  // Waiting for work holds no handle of its own.
  const awake = setInterval(() => undefined, AWAKE_MS);
  const close = async (): Promise<void> => {
    clearInterval(awake);
    await skein.close();
  };
  try {
    await skein.open();
    await skein.startWorker();
  } catch (error) {
    await close();
    throw error;
  }
  return {
    store: skein.store,
    drain: (graceMs) => skein.drain(graceMs),
    close,
    [Symbol.asyncDispose]: close,
  };
}
