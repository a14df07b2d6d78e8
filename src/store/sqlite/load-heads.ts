import type { ThreadHead } from "../../model/thread.ts";
import type { Reader, ThreadKey } from "../key.ts";
import { numberAt } from "../sql/cell.ts";
import type { Row } from "../sql/cell.ts";
import type { Connection } from "./connection.ts";
import { HEAD_COLUMNS, decodeHead } from "../sql/head-codec.ts";

/** The head as committed, whoever asks. One statement, two if it has branches beside main. */
export function loadHead(connection: Connection, { tenant, id }: ThreadKey): ThreadHead | null {
  const row = connection
    .statement(
      `SELECT ${HEAD_COLUMNS} FROM skein_thread t JOIN skein_head h ON h.tid = t.tid
       WHERE t.tenant = ? AND t.id = ?`,
    )
    .row(tenant, id);
  return row === undefined ? null : headOf(connection, row);
}

/** The head if the reader may see the thread; `"unchanged"` if they may and its version is `knownVersion`. */
export function loadThread(
  connection: Connection,
  reader: Reader,
  id: string,
  knownVersion?: number,
): ThreadHead | "unchanged" | null {
  const { tenant, user } = reader;
  if (knownVersion !== undefined) {
    const row = connection
      .statement(
        `SELECT h.version, instr(h.hot, '${ERASED}') FROM skein_thread t JOIN skein_head h ON h.tid = t.tid
         WHERE t.tenant = ?1 AND t.id = ?2 AND ${VISIBLE}`,
      )
      .row(tenant, id, user);
    if (row === undefined) return null;
    // A redaction in a fork takes the text out of a preview, and leaves the version as it is.
    if (numberAt(row, 0) === knownVersion && numberAt(row, 1) === 0) return "unchanged";
  }
  const row = connection
    .statement(
      `SELECT ${HEAD_COLUMNS} FROM skein_thread t JOIN skein_head h ON h.tid = t.tid
       WHERE t.tenant = ?1 AND t.id = ?2 AND ${VISIBLE}`,
    )
    .row(tenant, id, user);
  return row === undefined ? null : headOf(connection, row);
}

/** What the hot part of a head has if its preview may have been erased. */
export const ERASED = '"text":""';

/** The predicate that lets the user in parameter 3 see a thread `t`. */
const VISIBLE: string = visibleTo("?3");

export function visibleTo(user: string): string {
  return `t.purged_at IS NULL AND (${user} IS NULL OR t.owner = ${user}
    OR EXISTS (SELECT 1 FROM skein_member m WHERE m.tid = t.tid AND m.user_id = ${user}))`;
}

export function headOf(connection: Connection, row: Row): ThreadHead {
  return decodeHead(row, (tid) =>
    connection.statement("SELECT head FROM skein_branch WHERE tid = ?").rows(tid),
  );
}
