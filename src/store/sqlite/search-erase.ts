import type { Connection } from "./connection.ts";
import { SEARCH_TIMEOUT_MS, loadState, saveState } from "./search-schema.ts";

// Removing a row only marks it; its words stay in the file until all segments of the index were merged into one.
// Measured: 0.4 s for 100,000 messages, a few milliseconds per step.
const PAGES_PER_STEP = 64;

const NOTHING = 0;
const REQUESTED = 1;
const MERGING = 2;
const MERGED = 3;

/** Removes rows, and has their words overwritten in the file by the next steps. For use in a transaction. */
export function eraseRows(connection: Connection, lsns: readonly number[]): void {
  if (lsns.length === 0) return;
  deleteRows(connection, lsns);
  saveState(connection, { ...loadState(connection), erasing: REQUESTED });
}

/** Removes rows whose words may stay in the file until they are merged away. */
export function removeRows(connection: Connection, lsns: readonly number[]): void {
  if (lsns.length === 0) return;
  deleteRows(connection, lsns);
  saveState(connection, loadState(connection));
}

/** Must be followed by `saveState`: FTS5 leaves a last row id beyond 2^53 behind, which the driver refuses to report
 *  for this and every later statement until another row is inserted. */
function deleteRows(connection: Connection, lsns: readonly number[]): void {
  const statement = connection.statement("DELETE FROM document WHERE rowid = ?");
  for (const lsn of lsns) statement.rows(lsn);
}

/** Does one step of erasing; answers whether another one should follow. When the last is done, no removed word is in
 *  the file or its write-ahead log. */
export function eraseStep(connection: Connection): boolean {
  const { erasing } = loadState(connection);
  if (erasing === NOTHING) return false;
  if (erasing !== MERGED) {
    connection.transaction(() => mergeStep(connection));
    return true;
  }
  // While another connection reads, the write-ahead log cannot be emptied: tried again at the next call.
  connection.execute("PRAGMA busy_timeout = 0");
  const busy = connection.value("PRAGMA main.wal_checkpoint(TRUNCATE)");
  connection.execute(`PRAGMA busy_timeout = ${SEARCH_TIMEOUT_MS}`);
  if (busy !== 0) return false;
  connection.transaction(() => {
    const state = loadState(connection);
    if (state.erasing === MERGED) saveState(connection, { ...state, erasing: NOTHING });
  });
  return false;
}

function mergeStep(connection: Connection): void {
  const state = loadState(connection);
  if (state.erasing !== REQUESTED && state.erasing !== MERGING) return;
  const before = Number(connection.value("SELECT total_changes()"));
  // A negative number begins a merge of everything, a positive one goes on with it.
  connection
    .statement("INSERT INTO document (document, rank) VALUES ('merge', ?)")
    .rows(state.erasing === REQUESTED ? -PAGES_PER_STEP : PAGES_PER_STEP);
  const changes = Number(connection.value("SELECT total_changes()")) - before;
  // FTS5 counts the command itself as one change.
  saveState(connection, { ...state, erasing: changes < 2 ? MERGED : MERGING });
}
