import { setTimeout as sleep } from "node:timers/promises";
import { isRetryable } from "../../src/engine/retry.ts";

/** Repeats what may go away by itself, until it has. The time limit of the test ends what never does. */
export async function repeated<T>(work: () => Promise<T>): Promise<T> {
  for (;;)
    try {
      return await work();
    } catch (error) {
      if (!isRetryable(error)) throw error;
      await sleep(20);
    }
}
