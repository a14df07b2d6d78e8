import type { CheckReport } from "../store.ts";
import { numberAt } from "./cell.ts";
import { checkLogs } from "./check-logs.ts";
import { checkTables } from "./check-tables.ts";
import type { Dialect } from "./dialect.ts";
import { row } from "./plan.ts";
import type { Plan } from "./plan.ts";
import type { ThreadIds } from "./thread-ids.ts";

/** Proves what is derived against the log, and the log against its digests. Reads everything. */
export function* checkStore(dialect: Dialect, ids: ThreadIds, repair: boolean): Plan<CheckReport> {
  // Collected first: repairs write to the tables that are being read.
  const findings = [...(yield* checkLogs(dialect, ids)), ...(yield* checkTables(dialect))];
  const problems: CheckReport["problems"][number][] = [];
  for (const { threadId, problem, repair: mend } of findings) {
    if (repair && mend !== undefined) yield* mend();
    problems.push({ threadId, problem, repaired: repair && mend !== undefined });
  }
  return {
    problems,
    threads: yield* count("skein_thread WHERE purged_at IS NULL"),
    messages: yield* count(
      "skein_entry WHERE role IS NOT NULL AND (pos IS NOT NULL OR body IS NULL)",
    ),
    entries: yield* count("skein_entry"),
  };
}

function* count(what: string): Plan<number> {
  const counted = yield* row(`SELECT count(*) FROM ${what}`);
  return numberAt(counted ?? [], 0);
}
