import type { RunWriter } from "../engine/engine.ts";
import type { RunAction } from "../model/command.ts";
import type { Run } from "../model/run.ts";
import type { ThreadKey } from "../store/key.ts";
import type { RunStop } from "./run-stop.ts";

/** The writes of one worker on one run, all under its fence. */
export interface RunJournal {
  /** The run after the newest commit. */
  readonly run: Run;
  /** Writes the actions whole or not at all. `lease_lost` when another worker took over. */
  commit(actions: readonly RunAction[]): Promise<void>;
}

export function runJournal(worker: RunWriter, key: ThreadKey, run: Run, stop: RunStop): RunJournal {
  let now = run;
  return {
    get run() {
      return now;
    },
    async commit(actions) {
      const command = { runId: run.id, fence: run.fence, actions };
      now = await worker.progress(key.tenant, key.id, command);
      // Another process may have asked for the stop; nobody told this one.
      if (now.status === "cancelling") stop.stop("cancelled");
    },
  };
}
