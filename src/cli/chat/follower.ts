import type { RunStreamEvent, Skein } from "../../agents/skein.ts";
import type { Run } from "../../model/run.ts";
import { isSkeinError } from "../../model/error.ts";
import { failureOf } from "../failure.ts";
import type { Output } from "../output.ts";
import { printRun } from "../print-run.ts";

/** Shows one answer at a time, and can stop it. */
export interface Follower {
  /** Prints the events of a run. Resolves with the run when it has ended or waits for a person. */
  follow(events: AsyncIterable<RunStreamEvent>): Promise<Run | undefined>;
  /** Where the showing of a run stopped. */
  positionOf(runId: string): string | undefined;
  /** Asks the answer that is being shown to stop. `idle`: there is none. `again`: it was asked before. */
  stop(): "stopping" | "again" | "idle";
}

export function createFollower(skein: Skein, output: Output): Follower {
  let isFollowing = false;
  let isStopping = false;
  let current: Run | undefined;
  const positions = new Map<string, string>();
  const cancel = (run: Run): void => {
    skein.cancel(run.threadId, run.id).catch((error: unknown) => {
      // It ended by itself in the meantime.
      if (!isSkeinError(error, "run_ended")) output.note(failureOf(error).sentence);
    });
  };
  async function* watched(events: AsyncIterable<RunStreamEvent>): AsyncIterable<RunStreamEvent> {
    for await (const event of events) {
      if (event.type === "run" && current === undefined) {
        current = event.run;
        if (isStopping) cancel(current);
      }
      if (current !== undefined) positions.set(current.id, event.position);
      yield event;
    }
  }
  return {
    async follow(events) {
      isFollowing = true;
      isStopping = false;
      current = undefined;
      try {
        return await printRun(watched(events), output);
      } finally {
        isFollowing = false;
      }
    },
    positionOf: (runId) => positions.get(runId),
    stop() {
      if (!isFollowing) return "idle";
      if (isStopping) return "again";
      isStopping = true;
      if (current !== undefined) cancel(current);
      return "stopping";
    },
  };
}
