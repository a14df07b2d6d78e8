import type { Dialect } from "./dialect.ts";
import { insertRows } from "./insert-rows.ts";
import type { Target } from "./insert-rows.ts";
import type { Plan } from "./plan.ts";
import type { RareRecord } from "./records.ts";

const RUNS: Target = {
  table: "skein_run",
  columns: [
    "tid",
    "id",
    "status",
    "branch",
    "created_at",
    "holds",
    "ended",
    "due_at",
    "calls",
    "data",
  ],
  key: ["tid", "id"],
  replaces: ["status", "branch", "holds", "ended", "due_at", "calls", "data"],
};

const STEPS: Target = {
  table: "skein_step",
  columns: ["tid", "run_id", "id", "segment", "data"],
  key: ["tid", "run_id", "id"],
};

/** Brings runs and steps to what they are now, in order: a run that ended lets go of its branch before another one
 *  takes it. */
export function* writeRuns(
  dialect: Dialect,
  tid: number,
  runs: RareRecord["runs"],
  steps: RareRecord["steps"],
): Plan<void> {
  // One by one: within one statement the order is the database's.
  for (const run of runs) yield* insertRows(dialect, RUNS, [[tid, ...run]]);
  yield* insertRows(
    dialect,
    STEPS,
    [...lastOf(steps).values()].map((step) => [tid, ...step]),
  );
}

/** Of several rows with one key the last: no statement may change a row twice. */
function lastOf(steps: RareRecord["steps"]): ReadonlyMap<string, RareRecord["steps"][number]> {
  return new Map(steps.map((step) => [`${String(step[0])}\n${String(step[1])}`, step]));
}
