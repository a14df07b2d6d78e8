import { numberAt, textAt, textOrNullAt } from "../sql/cell.ts";
import type { Row } from "../sql/cell.ts";
import { OP_CODES } from "../sql/codes.ts";
import type { Connection } from "./connection.ts";
import { findMessage } from "../sql/find-message.ts";
import { textOfPayload } from "../sql/text-of-payload.ts";
import { writeDocument } from "./search-document.ts";
import type { DocumentHome } from "./search-document.ts";
import { eraseRows } from "./search-erase.ts";
import {
  eraseLostTitles,
  removePurged,
  removeTrimmed,
  writeReaders,
  writeTitle,
} from "./search-thread.ts";
import { isBehindLog, loadLag, loadState, resetIndex, saveState } from "./search-schema.ts";
import { runPlan } from "./run-plan.ts";

/** Rows in one transaction. Measured: larger ones are not faster, and a waiting search would wait longer. */
export const MAX_ROWS = 2000;

// A batch of long texts ends earlier, so that its transaction stays short as well. In UTF-16 units.
const MAX_TEXT = 4_000_000;

const TEXT_OPS = [
  OP_CODES["message.append"],
  OP_CODES["message.commit"],
  OP_CODES["thread.set"],
].join(", ");

const PENDING = `SELECT e.lsn, e.op, e.tid, t.tenant, t.owner, e.mid, e.pos, e.at, e.version,
    CASE WHEN e.op IN (${TEXT_OPS}) THEN e.payload END
  FROM log.skein_entry e CROSS JOIN log.skein_thread t ON t.tid = e.tid
  WHERE e.lsn > ? ORDER BY e.lsn LIMIT ?`;

/** Indexes at most `limit` (and 2,000) log rows behind the cursor, in one transaction. Answers how many it took. */
export function catchUp(connection: Connection, limit: number): number {
  // A look without a lock: usually there is nothing to do.
  if (loadLag(connection) === 0) return 0;
  return connection.transaction(() => {
    if (!isBehindLog(connection)) resetIndex(connection);
    return takeRows(connection, Math.min(limit, MAX_ROWS));
  });
}

function takeRows(connection: Connection, limit: number): number {
  let { cursor, cursorAt } = loadState(connection);
  let rows = 0;
  let textLength = 0;
  for (const row of connection.statement(PENDING).each(cursor, limit)) {
    cursor = numberAt(row, 0);
    cursorAt = numberAt(row, 7);
    textLength += textOrNullAt(row, 9)?.length ?? 0;
    takeRow(connection, row);
    rows++;
    if (textLength > MAX_TEXT) break;
  }
  if (rows > 0) saveState(connection, { ...loadState(connection), cursor, cursorAt });
  return rows;
}

function takeRow(connection: Connection, row: Row): void {
  const take = TAKE[Number(row[1])];
  if (take === undefined) return;
  const home = { tid: numberAt(row, 2), tenant: textAt(row, 3), owner: textAt(row, 4) };
  take(connection, row, home);
}

type Take = (connection: Connection, row: Row, home: DocumentHome) => void;

/** What is to be done for an entry. An opened message is taken with its commit, a queued one with its place. */
const TAKE: Readonly<Record<number, Take>> = {
  [OP_CODES["message.append"]]: (connection, row, home) => {
    writeDocument(connection, numberAt(row, 0), textOfPayload(textOrNullAt(row, 9)), home);
  },
  [OP_CODES["message.commit"]]: (connection, row, home) => {
    const lsn = placeOf(connection, home, textAt(row, 5));
    if (lsn !== null) writeDocument(connection, lsn, textOfPayload(textOrNullAt(row, 9)), home);
  },
  [OP_CODES["message.dequeue"]]: (connection, row, home) => {
    if (row[6] === null) return;
    const lsn = numberAt(row, 0);
    writeDocument(connection, lsn, textOfPayload(queuedPayload(connection, lsn)), home);
  },
  [OP_CODES["message.redact"]]: (connection, row, home) => {
    const lsn = placeOf(connection, home, textAt(row, 5));
    if (lsn !== null) eraseRows(connection, [lsn]);
    eraseLostTitles(connection);
  },
  [OP_CODES["thread.create"]]: (connection, row, home) => {
    writeTitle(connection, numberAt(row, 0), home);
    writeReaders(connection, home);
  },
  [OP_CODES["thread.set"]]: (connection, row, home) => {
    if (setsTitle(textOrNullAt(row, 9))) writeTitle(connection, numberAt(row, 0), home);
  },
  [OP_CODES["member.set"]]: (connection, _row, home) => writeReaders(connection, home),
  [OP_CODES["member.remove"]]: (connection, _row, home) => writeReaders(connection, home),
  [OP_CODES["thread.purge"]]: (connection, _row, home) => removePurged(connection, home),
  [OP_CODES["retention.trim"]]: (connection, row, home) => {
    removeTrimmed(connection, home);
    // The entry that set the title is gone.
    writeTitle(connection, numberAt(row, 0), home);
  },
};

/** The lsn of the entry that gave a message its place; `null` while it has none. */
export function placeOf(
  connection: Connection,
  { tid }: DocumentHome,
  messageId: string,
): number | null {
  const found = runPlan(connection, findMessage(tid, messageId));
  if (found === undefined || found.pos === null) return null;
  const row = connection
    .statement("SELECT lsn FROM log.skein_entry WHERE tid = ? AND version = ?")
    .row(found.tid, found.version);
  return row === undefined ? null : numberAt(row, 0);
}

function queuedPayload(connection: Connection, lsn: number): string | null {
  const row = connection
    .statement(
      `SELECT b.payload FROM log.skein_entry e JOIN log.skein_entry b ON b.tid = e.tid AND b.version = e.body
       WHERE e.lsn = ?`,
    )
    .row(lsn);
  return row === undefined ? null : textOrNullAt(row, 0);
}

function setsTitle(payload: string | null): boolean {
  return payload?.includes('"title":') ?? false;
}
