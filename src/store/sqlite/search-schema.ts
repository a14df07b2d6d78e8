import { TOKENIZER_VERSION } from "../text/tokenize.ts";
import { numberAt, numberOrNullAt, textAt } from "../sql/cell.ts";
import type { Connection } from "./connection.ts";

/** How long a statement waits for another connection's lock. */
export const SEARCH_TIMEOUT_MS = 5_000;

// Changes with the tables below; an index with another number is begun anew.
const INDEX_VERSION = 3;

const TABLES = ["document", "search_state", "title_row", "reader_scope", "purged_thread"];

// Keeping a whole batch in memory (8 MiB) until it is written, and merging eight segments at a time instead of four,
// saves a sixth of the indexing time and costs a search for a rare word a tenth (bench/search.ts).
// Who looks for the words of one user's threads jumps about in a long list of hits, and reads a whole block at each jump:
// blocks of a third of the file's page halve that, and make the index 3 % larger.
const TUNING = `
INSERT INTO document (document, rank) VALUES ('pgsz', 1320);
INSERT INTO document (document, rank) VALUES ('hashsize', 8388608);
INSERT INTO document (document, rank) VALUES ('automerge', 8);
`;

// `document`: one row per message or title, under the lsn of the entry that gave it its place. It gets words that our
// tokenizer made, joined by spaces; "ascii" splits at spaces and takes all other characters as they are.
// `words` and `parts` are searched; `scope` says whose the row is and which words it has several times.
// `reader_scope`: threads that a user reads without owning them, or whose messages a readable fork includes.
// `purged_thread`: purged ones of which forks still include messages.
const SCHEMA = `
CREATE VIRTUAL TABLE document USING fts5 (
  words, parts, scope, content = '', contentless_delete = 1, tokenize = 'ascii'
);
CREATE TABLE search_state (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  identity TEXT NOT NULL,
  cursor INTEGER NOT NULL,
  cursor_at INTEGER,
  erasing INTEGER NOT NULL
);
CREATE TABLE title_row (tid INTEGER PRIMARY KEY, lsn INTEGER NOT NULL);
CREATE TABLE reader_scope (
  tenant TEXT NOT NULL,
  user_id TEXT NOT NULL,
  scope_tid INTEGER NOT NULL,
  tid INTEGER NOT NULL,
  PRIMARY KEY (tenant, user_id, scope_tid, tid)
) WITHOUT ROWID;
CREATE INDEX skein_reader_scope_by_thread ON reader_scope (tid);
CREATE TABLE purged_thread (tid INTEGER PRIMARY KEY);
`;

export interface IndexState {
  /** The last lsn that the index has. */
  readonly cursor: number;
  /** When its entry was written, to notice that the log was replaced; `null` for the beginning. */
  readonly cursorAt: number | null;
  /** How far the erasing of removed text has come; see search-erase.ts. */
  readonly erasing: number;
}

export function loadState(connection: Connection): IndexState {
  const row = connection
    .statement("SELECT cursor, cursor_at, erasing FROM search_state WHERE id = 1")
    .row();
  return row === undefined
    ? { cursor: 0, cursorAt: null, erasing: 0 }
    : { cursor: numberAt(row, 0), cursorAt: numberOrNullAt(row, 1), erasing: numberAt(row, 2) };
}

export function saveState(connection: Connection, state: IndexState): void {
  connection
    .statement(
      `INSERT OR REPLACE INTO search_state (id, identity, cursor, cursor_at, erasing)
       VALUES (1, (SELECT identity FROM search_state WHERE id = 1), ?, ?, ?)`,
    )
    .run(state.cursor, state.cursorAt, state.erasing);
}

/** How many log rows the index lacks; negative when the log is shorter than the index. */
export function loadLag(connection: Connection): number {
  const row = connection
    .statement(
      "SELECT (SELECT max(lsn) FROM log.skein_entry), cursor FROM search_state WHERE id = 1",
    )
    .row();
  return row === undefined ? 0 : (numberOrNullAt(row, 0) ?? 0) - numberAt(row, 1);
}

/** Makes the tables where they are missing, of another version, or of another log. */
export function prepareIndex(connection: Connection): void {
  const identity = identityOf(connection);
  if (isCurrent(connection, identity)) return;
  connection.transaction(() => {
    if (!isCurrent(connection, identity)) beginAnew(connection, identity);
  });
}

/** Empties the index; it is filled from the log again. For use in a transaction. */
export function resetIndex(connection: Connection): void {
  beginAnew(connection, identityOf(connection));
}

function beginAnew(connection: Connection, identity: string): void {
  for (const table of TABLES) connection.execute(`DROP TABLE IF EXISTS main.${table}`);
  connection.execute(SCHEMA);
  connection.execute(TUNING);
  connection
    .statement("INSERT INTO search_state (id, identity, cursor, erasing) VALUES (1, ?, 0, 0)")
    .run(identity);
}

/** Names the log and the way in which it is indexed. */
function identityOf(connection: Connection): string {
  const row = connection
    .statement(
      `SELECT (SELECT value FROM log.skein_meta WHERE name = 'store_id'),
              (SELECT value FROM log.skein_meta WHERE name = 'epoch')`,
    )
    .row();
  return JSON.stringify([INDEX_VERSION, TOKENIZER_VERSION, row?.[0] ?? null, row?.[1] ?? null]);
}

function isCurrent(connection: Connection, identity: string): boolean {
  const tables = connection.value(
    `SELECT count(*) FROM main.sqlite_schema WHERE name IN ('${TABLES.join("', '")}')`,
  );
  if (tables !== TABLES.length) return false;
  const row = connection.statement("SELECT identity FROM search_state WHERE id = 1").row();
  return row !== undefined && textAt(row, 0) === identity && isBehindLog(connection);
}

/** False when the log is older than the index, or has another entry where the index stopped: a backup was restored. */
export function isBehindLog(connection: Connection): boolean {
  const { cursor, cursorAt } = loadState(connection);
  if (loadLag(connection) < 0) return false;
  const row = connection.statement("SELECT at FROM log.skein_entry WHERE lsn = ?").row(cursor);
  // A purged entry leaves no row.
  return row === undefined || numberAt(row, 0) === cursorAt;
}
