import { numberAt, textAt, textOrNullAt } from "../sql/cell.ts";
import type { Connection } from "./connection.ts";
import { writeDocument } from "./search-document.ts";
import type { DocumentHome } from "./search-document.ts";
import { eraseRows, removeRows } from "./search-erase.ts";
import { threadScope } from "../sql/search/marks.ts";

/** Puts the thread's title as it is now in the place of the one before, under the lsn of the entry that set it. */
export function writeTitle(connection: Connection, lsn: number, home: DocumentHome): void {
  removeRows(connection, titleRows(connection, home.tid));
  const row = connection
    .statement("SELECT title FROM log.skein_thread WHERE tid = ?")
    .row(home.tid);
  const title = row === undefined ? null : textOrNullAt(row, 0);
  if (title === null) {
    connection.statement("DELETE FROM title_row WHERE tid = ?").run(home.tid);
    return;
  }
  writeDocument(connection, lsn, title, home);
  connection
    .statement("INSERT OR REPLACE INTO title_row (tid, lsn) VALUES (?, ?)")
    .run(home.tid, lsn);
}

/** Erases the titles that went with an erased message, in its thread and in forks. */
export function eraseLostTitles(connection: Connection): void {
  const lost = connection
    .statement(
      `SELECT r.tid, r.lsn FROM title_row r JOIN log.skein_thread t ON t.tid = r.tid
       WHERE t.title IS NULL`,
    )
    .rows();
  for (const row of lost)
    connection.statement("DELETE FROM title_row WHERE tid = ?").run(numberAt(row, 0));
  eraseRows(
    connection,
    lost.map((row) => numberAt(row, 1)),
  );
}

function titleRows(connection: Connection, tid: number): readonly number[] {
  return connection
    .statement("SELECT lsn FROM title_row WHERE tid = ?")
    .rows(tid)
    .map((row) => numberAt(row, 0));
}

/** Notes who reads the thread beside its owner, and whose messages a fork brings to its readers. */
export function writeReaders(connection: Connection, { tid, tenant, owner }: DocumentHome): void {
  connection.statement("DELETE FROM reader_scope WHERE tid = ?").run(tid);
  const origins = originsOf(connection, tid);
  const members = connection
    .statement("SELECT user_id FROM log.skein_member WHERE tid = ?")
    .rows(tid)
    .map((row) => textAt(row, 0));
  const insert = connection.statement(
    "INSERT OR IGNORE INTO reader_scope (tenant, user_id, scope_tid, tid) VALUES (?, ?, ?, ?)",
  );
  for (const origin of origins) insert.run(tenant, owner, origin, tid);
  for (const user of members)
    for (const scope of [tid, ...origins]) insert.run(tenant, user, scope, tid);
}

/** The threads whose messages a fork includes. */
export function originsOf(connection: Connection, tid: number): readonly number[] {
  return connection
    .statement("SELECT DISTINCT origin_tid FROM log.skein_inclusion WHERE tid = ?")
    .rows(tid)
    .map((row) => numberAt(row, 0));
}

/** Takes out what the log no longer has: of the purged thread, and of those purged before of which forks included
 *  messages until now. */
export function removePurged(connection: Connection, { tid }: DocumentHome): void {
  connection.statement("DELETE FROM title_row WHERE tid = ?").run(tid);
  connection.statement("DELETE FROM reader_scope WHERE tid = ?").run(tid);
  connection.statement("INSERT OR IGNORE INTO purged_thread (tid) VALUES (?)").run(tid);
  const purged = connection.statement("SELECT tid FROM purged_thread").rows();
  for (const row of purged) removeLost(connection, numberAt(row, 0));
}

/** Takes out what the log no longer has: of the trimmed thread, and of those of which it included messages until now. */
export function removeTrimmed(connection: Connection, home: DocumentHome): void {
  // Until they are written anew below, the scopes of readers name the threads that it included messages of.
  const origins = connection
    .statement("SELECT DISTINCT scope_tid FROM reader_scope WHERE tid = ?")
    .rows(home.tid)
    .map((row) => numberAt(row, 0));
  for (const tid of new Set([home.tid, ...origins])) removeLost(connection, tid);
  writeReaders(connection, home);
}

function removeLost(connection: Connection, tid: number): void {
  const rows = connection
    .statement(
      `SELECT d.rowid, EXISTS (
         SELECT 1 FROM log.skein_entry e WHERE e.lsn = d.rowid AND e.pos IS NOT NULL
         UNION ALL SELECT 1 FROM title_row r WHERE r.lsn = d.rowid
       ) FROM document d WHERE d.document MATCH ?`,
    )
    .rows(`"${threadScope(tid)}"`);
  const lost = rows.filter((row) => row[1] === 0).map((row) => numberAt(row, 0));
  eraseRows(connection, lost);
  if (lost.length === rows.length)
    connection.statement("DELETE FROM purged_thread WHERE tid = ?").run(tid);
}
