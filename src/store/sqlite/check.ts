import type { CheckReport } from "../store.ts";
import { checkLogs } from "./check-logs.ts";
import { checkTables } from "./check-tables.ts";
import type { Connection } from "./connection.ts";
import type { ThreadIds } from "./thread-ids.ts";

/** Proves what is derived against the log, and the log against its digests. Reads everything. */
export function checkStore(connection: Connection, ids: ThreadIds, repair: boolean): CheckReport {
  // Collected first: repairs write to the tables that are being read.
  const findings = [...checkLogs(connection, ids), ...checkTables(connection)];
  const count = (sql: string): number => Number(connection.value(sql));
  return {
    problems: findings.map(({ threadId, problem, repair: mend }) => {
      if (repair) mend?.();
      return { threadId, problem, repaired: repair && mend !== undefined };
    }),
    threads: count("SELECT count(*) FROM skein_thread WHERE purged_at IS NULL"),
    messages: count(
      "SELECT count(*) FROM skein_entry WHERE role IS NOT NULL AND (pos IS NOT NULL OR body IS NULL)",
    ),
    entries: count("SELECT count(*) FROM skein_entry"),
  };
}
