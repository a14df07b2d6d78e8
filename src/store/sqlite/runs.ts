import type { Run, Step } from "../../model/run.ts";
import type { ThreadKey } from "../key.ts";
import { parseStored, textAt } from "../sql/cell.ts";
import type { Connection } from "./connection.ts";

export function loadRun(connection: Connection, tid: number, runId: string): Run | null {
  const row = connection
    .statement("SELECT data FROM skein_run WHERE tid = ? AND id = ?")
    .row(tid, runId);
  return row === undefined ? null : parseStored<Run>(textAt(row, 0));
}

export function threadOfRun(connection: Connection, tenant: string, runId: string): string | null {
  const row = connection
    .statement(
      `SELECT t.id FROM skein_run r JOIN skein_thread t ON t.tid = r.tid
       WHERE r.id = ? AND t.tenant = ? ORDER BY r.rid DESC LIMIT 1`,
    )
    .row(runId, tenant);
  return row === undefined ? null : textAt(row, 0);
}

export function listRuns(
  connection: Connection,
  tid: number,
  query: { readonly limit: number; readonly before?: string },
): readonly Run[] {
  const before = query.before ?? null;
  return connection
    .statement(
      `SELECT data FROM skein_run WHERE tid = ?1
         AND rid < ifnull((SELECT rid FROM skein_run WHERE tid = ?1 AND id = ?2), 9e18)
       ORDER BY rid DESC LIMIT ?3`,
    )
    .rows(tid, before, query.limit)
    .map((row) => parseStored<Run>(textAt(row, 0)));
}

export function listSteps(connection: Connection, tid: number, runId: string): readonly Step[] {
  return connection
    .statement("SELECT data FROM skein_step WHERE tid = ? AND run_id = ? ORDER BY sid")
    .rows(tid, runId)
    .map((row) => parseStored<Step>(textAt(row, 0)));
}

export function listUnendedRuns(
  connection: Connection,
): readonly { readonly key: ThreadKey; readonly run: Run }[] {
  return connection
    .statement(
      `SELECT t.tenant, t.id, r.data FROM skein_run r JOIN skein_thread t ON t.tid = r.tid
       WHERE r.ended = 0 ORDER BY r.rid`,
    )
    .rows()
    .map((row) => ({
      key: { tenant: textAt(row, 0), id: textAt(row, 1) },
      run: parseStored<Run>(textAt(row, 2)),
    }));
}
