import type { RunWriter } from "../engine/engine.ts";
import { withRetry } from "../engine/retry.ts";
import type { RunAction } from "../model/command.ts";
import type { Run } from "../model/run.ts";
import type { ThreadKey } from "../store/key.ts";
import type { RunStop } from "./run-stop.ts";

// A store that stays busy for longer than some seconds fails the run, which is then visible.
const STORE_ATTEMPTS = 5;
const STORE_BASE_MS = 100;

/** The writes of one worker on one run, all under its fence. */
export interface RunJournal {
  /** Writes the actions whole or not at all. `lease_lost` when another worker took over. */
  commit(actions: readonly RunAction[]): Promise<void>;
}

export function runJournal(worker: RunWriter, key: ThreadKey, run: Run, stop: RunStop): RunJournal {
  return {
    async commit(actions) {
      const command = { runId: run.id, fence: run.fence, actions };
      const now = await withRetry(() => worker.progress(key.tenant, key.id, command), {
        attempts: STORE_ATTEMPTS,
        baseMs: STORE_BASE_MS,
      });
      // Another process may have asked for the stop; nobody told this one.
      if (now.status === "cancelling") stop.stop("cancelled");
    },
  };
}
