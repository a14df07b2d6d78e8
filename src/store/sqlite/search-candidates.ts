import { INCLUDES } from "../sql/included.ts";
import type { Reader } from "../key.ts";
import type { Cell } from "../sql/cell.ts";
import { numberAt, numberOrNullAt, textAt, textOrNullAt } from "../sql/cell.ts";
import { OP_CODES } from "../sql/codes.ts";
import type { Connection } from "./connection.ts";

/** A row of the index that the query matches. */
export interface Candidate {
  readonly lsn: number;
  /** Larger is better; 0 where nobody asked. */
  readonly score: number;
}

/** Newest first; reads only as far as the caller does. */
export function* newestFirst(connection: Connection, match: string): Generator<Candidate> {
  const statement = connection.statement(
    "SELECT rowid FROM document WHERE document MATCH ? ORDER BY rowid DESC",
  );
  for (const row of statement.each(match)) yield { lsn: numberAt(row, 0), score: 0 };
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
    SELECT 1 FROM log.skein_member m WHERE m.tid = ${alias}.tid AND m.user_id = ?))`;
  return { sql: `${alive} AND ${isReader}`, parameters: [tenant, user, user] };
}

/** What a reader may see of the entry at an lsn. */
export interface Sight {
  /** The thread under which it is listed. */
  readonly tid: number;
  /** The thread that wrote it. */
  readonly origin: { readonly tid: number; readonly id: string; readonly title: string | null };
  /** `null` for a title. */
  readonly role: number | null;
  readonly messageId: string | null;
  readonly at: number;
  /** JSON with the message's parts. */
  readonly payload: string | null;
}

/** Looks at entries with the eyes of a reader: `null` for what they may not see. Listed is what the origin says where
 *  that can be read, else the oldest readable fork that includes it.
 *  @param only  a thread that the reader may read: whatever it does not show is not seen
 *  @param roles  bits of the roles that count; titles have none */
export function sightOf(
  connection: Connection,
  reader: Reader,
  only: number | null,
  roles: number | null,
): (lsn: number) => Sight | null {
  const { sql, parameters } = only === null ? anyThread(reader) : oneThread(only);
  // A queued message was said when it was queued, not when it got its place.
  const statement = connection.statement(
    `SELECT ${sql}, e.tid, t.id, t.title, e.role, e.mid,
       CASE WHEN b.op = ${OP_CODES["message.enqueue"]} THEN b.at ELSE e.at END,
       CASE WHEN e.pos IS NOT NULL THEN coalesce(b.payload, e.payload) END
     FROM log.skein_entry e CROSS JOIN log.skein_thread t ON t.tid = e.tid
     LEFT JOIN log.skein_entry b ON b.tid = e.tid AND b.version = e.body
     WHERE e.lsn = ?${roles === null ? "" : ` AND (1 << e.role) & ${roles}`}`,
  );
  return (lsn) => {
    const row = statement.row(...parameters, lsn);
    const tid = row === undefined ? null : numberOrNullAt(row, 0);
    if (row === undefined || tid === null) return null;
    const role = numberOrNullAt(row, 4);
    return {
      tid,
      origin: { tid: numberAt(row, 1), id: textAt(row, 2), title: textOrNullAt(row, 3) },
      role,
      messageId: role === null ? null : textAt(row, 5),
      at: numberAt(row, 6),
      payload: textOrNullAt(row, 7),
    };
  };
}

function anyThread(reader: Reader): Condition {
  const origin = visible("t", reader);
  const fork = visible("f", reader);
  return {
    sql: `CASE WHEN e.released IS NULL AND ${origin.sql} THEN t.tid ELSE (
      SELECT min(i.tid) FROM log.skein_inclusion i CROSS JOIN log.skein_thread f ON f.tid = i.tid
      WHERE ${INCLUDES} AND ${fork.sql}) END`,
    parameters: [...origin.parameters, ...fork.parameters],
  };
}

function oneThread(tid: number): Condition {
  return {
    sql: `CASE WHEN t.tid = ? AND e.released IS NULL OR EXISTS (
      SELECT 1 FROM log.skein_inclusion i WHERE ${INCLUDES} AND i.tid = ?) THEN ? END`,
    parameters: [tid, tid, tid],
  };
}
