import { change } from "./plan.ts";
import type { Plan } from "./plan.ts";
import { originsToSweep, sweepThread } from "./sweep.ts";

/** Removes everything of a thread but its tombstone, the row of its purge, and messages that a living fork shows. */
export function* purgeThread(tid: number): Plan<void> {
  const origins = yield* originsToSweep(tid);
  for (const table of ["inclusion", "branch", "member", "operation", "run", "step", "chunk"])
    yield* change(`DELETE FROM skein_${table} WHERE tid = ?`, tid);
  yield* sweepThread(tid);
  // It may have been the last fork that showed their messages.
  for (const origin of origins) yield* sweepThread(origin);
}
