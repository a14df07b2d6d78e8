import type { Reader } from "../key.ts";
import type { Cell } from "./cell.ts";
import { numberAt, numberOrNullAt } from "./cell.ts";
import type { Connection } from "./connection.ts";

/** A row of the index that the query matches. */
export interface Candidate {
  readonly lsn: number;
  /** Larger is better; 0 where nobody asked. */
  readonly score: number;
}

// A word in `parts` is only a piece of the word that stands in the text; `scope` says nothing of the content.
const SCORE = "bm25(document, 1.0, 0.5, 0.0)";

/** Newest first; reads only as far as the caller does. */
export function* newestFirst(connection: Connection, match: string): Generator<Candidate> {
  const statement = connection.statement(
    "SELECT rowid FROM document WHERE document MATCH ? ORDER BY rowid DESC",
  );
  for (const row of statement.each(match)) yield { lsn: numberAt(row, 0), score: 0 };
}

/** Best first, the newer of two equals first.
 *  @param guess  how many the caller needs when the reader may see all of them */
export function* bestFirst(
  connection: Connection,
  match: string,
  guess: number,
): Generator<Candidate> {
  const statement = connection.statement(
    `SELECT rowid, ${SCORE} AS score FROM document WHERE document MATCH ?
     ORDER BY score, rowid DESC LIMIT ? OFFSET ?`,
  );
  // Keeping the best few is much cheaper than sorting all, so more are asked for only when these were not enough.
  let taken = 0;
  for (let size = guess; ; size *= 8) {
    const rows = statement.rows(match, size, taken);
    for (const row of rows) yield { lsn: numberAt(row, 0), score: -numberAt(row, 1) };
    taken += rows.length;
    if (rows.length < size) return;
  }
}

/** Where a reader may read what stands at an lsn. */
export interface Place {
  readonly tid: number;
  /** `null` for a title. */
  readonly role: number | null;
}

/** Condition and parameters under which a reader finds messages of a thread. */
interface Condition {
  readonly sql: string;
  readonly parameters: readonly Cell[];
}

/** Deleted and purged threads are not found, archived ones are. */
export function visible(alias: string, { tenant, user }: Reader): Condition {
  const alive = `${alias}.tenant = ? AND ${alias}.deleted_at IS NULL AND ${alias}.purged_at IS NULL`;
  if (user === null) return { sql: alive, parameters: [tenant] };
  const isReader = `(${alias}.owner = ? OR EXISTS (
    SELECT 1 FROM log.member m WHERE m.tid = ${alias}.tid AND m.user = ?))`;
  return { sql: `${alive} AND ${isReader}`, parameters: [tenant, user, user] };
}

/** Finds the thread under which a hit is listed: the one that has the message if the reader may read that, else the
 *  oldest readable fork that includes it. `null` if the reader may not see it.
 *  @param only  a thread that the reader may read: whatever it does not show is not found */
export function placeFinder(
  connection: Connection,
  reader: Reader,
  only: number | null,
): (lsn: number) => Place | null {
  const { sql, parameters } = only === null ? anyThread(reader) : oneThread(only);
  const statement = connection.statement(
    `SELECT e.role, ${sql} FROM log.entry e CROSS JOIN log.thread t ON t.tid = e.tid
     WHERE e.lsn = ?`,
  );
  return (lsn) => {
    const row = statement.row(...parameters, lsn);
    const tid = row === undefined ? null : numberOrNullAt(row, 1);
    return row === undefined || tid === null ? null : { tid, role: numberOrNullAt(row, 0) };
  };
}

const INCLUDED = "i.origin_tid = e.tid AND i.seg = e.seg AND i.up_to >= e.pos";

function anyThread(reader: Reader): Condition {
  const origin = visible("t", reader);
  const fork = visible("f", reader);
  return {
    sql: `CASE WHEN ${origin.sql} THEN t.tid ELSE (
      SELECT min(i.tid) FROM log.inclusion i CROSS JOIN log.thread f ON f.tid = i.tid
      WHERE ${INCLUDED} AND ${fork.sql}) END`,
    parameters: [...origin.parameters, ...fork.parameters],
  };
}

function oneThread(tid: number): Condition {
  return {
    sql: `CASE WHEN t.tid = ? OR EXISTS (
      SELECT 1 FROM log.inclusion i WHERE ${INCLUDED} AND i.tid = ?) THEN ? END`,
    parameters: [tid, tid, tid],
  };
}
