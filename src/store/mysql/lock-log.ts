import { rows } from "../sql/plan.ts";
import type { Plan } from "../sql/plan.ts";

export const LOG_ROW = "log";

/** Lets transactions write the log one after the other, so that its numbers are in the order of commits: a reader that
 *  has seen a number never finds a smaller one later. Taken behind the locks on heads, and kept to the end. */
export function* lockLog(): Plan<void> {
  yield* rows(`SELECT value FROM skein_meta WHERE name = '${LOG_ROW}' FOR UPDATE`);
}
