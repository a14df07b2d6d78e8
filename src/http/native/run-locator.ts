import type { Skein } from "../../agents/skein.ts";
import { SkeinError } from "../../model/error.ts";
import { DEFAULT_TENANT } from "../../model/principal.ts";

const REMEMBERED = 10_000;

/** Finds the thread of a run by the run's id alone. */
export class RunLocator {
  readonly #skein: Skein;
  readonly #threads = new Map<string, string>();

  constructor(skein: Skein) {
    this.#skein = skein;
    skein.onRunChange(({ tenant, threadId, runs, ended }) => {
      if (tenant !== DEFAULT_TENANT) return;
      for (const { id } of runs) this.#remember(id, threadId);
      for (const id of ended) this.#remember(id, threadId);
    });
  }

  /** The thread of a run that this process has seen, or that has not ended. Throws `run_not_found` for others: their readers name
   *  the thread. */
  async threadOf(runId: string): Promise<string> {
    const known = this.#threads.get(runId);
    if (known !== undefined) return known;
    const unended = await this.#skein.worker.listUnended();
    const found = unended.find(({ tenant, run }) => tenant === DEFAULT_TENANT && run.id === runId);
    if (found === undefined)
      throw new SkeinError(
        "run_not_found",
        `There is no run ${runId}, or it ended long ago: then name its thread with ?thread_id=.`,
        { field: "run_id" },
      );
    this.#remember(runId, found.threadId);
    return found.threadId;
  }

  #remember(runId: string, threadId: string): void {
    // Deleted first, so that the oldest is the one that goes.
    this.#threads.delete(runId);
    this.#threads.set(runId, threadId);
    if (this.#threads.size <= REMEMBERED) return;
    for (const oldest of this.#threads.keys()) {
      this.#threads.delete(oldest);
      return;
    }
  }
}
