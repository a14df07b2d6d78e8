import { TOKENIZER_VERSION } from "../../text/tokenize.ts";
import { numberAt } from "../cell.ts";
import type { Row } from "../cell.ts";
import type { Dialect } from "../dialect.ts";
import { insertRows } from "../insert-rows.ts";
import type { Target } from "../insert-rows.ts";
import { change, row } from "../plan.ts";
import type { Plan } from "../plan.ts";
import { BEGINNING, behind, behindColumns, columnsOf } from "./log-place.ts";
import type { LogPlace } from "./log-place.ts";

// Changes with what is in the tables. An index of a smaller number is begun anew; one of a larger number was made by a
// newer program, which goes on making it.
const INDEX_VERSION = 1;

const VERSION = INDEX_VERSION * 1_000 + TOKENIZER_VERSION;

/** How far the index has come. */
export interface SearchState {
  readonly place: LogPlace;
  /** The largest lsn that has a document. */
  readonly newest: number;
}

const START: SearchState = { place: BEGINNING, newest: 0 };

const STATE: Target = {
  table: "skein_search_state",
  columns: ["id", "version", "newest", "low", "high"],
  key: ["id"],
};

const NEW_STATE: Target = { ...STATE, replaces: [] };

const START_ROW: Row = [1, VERSION, START.newest, START.place.low, START.place.high];

/** The state, and whether the log has entries behind it. One statement. */
export function* loadProgress(
  dialect: Dialect,
): Plan<{ readonly state: SearchState; readonly isBehind: boolean }> {
  // Asked from the end of the log on: PostgreSQL takes a third of it to be behind any place in a column, and would read
  // all of it to find nothing.
  const newestFirst = columnsOf(dialect, "e").map((column) => `${column} DESC`);
  const stored = yield* row(
    `SELECT s.version, s.newest, s.low, s.high, CASE WHEN (
       SELECT 1 FROM skein_entry e WHERE ${behindColumns(dialect, "e", "s.low", "s.high")}
       ORDER BY ${newestFirst.join(", ")} LIMIT 1
     ) IS NULL THEN 0 ELSE 1 END FROM skein_search_state s WHERE s.id = 1`,
  );
  if (stored === undefined) return { state: START, isBehind: true };
  const isOld = numberAt(stored, 0) < VERSION;
  return { state: stateOf(stored), isBehind: isOld || stored[4] === 1 };
}

// To count further would take longer than to know it is worth.
const MAX_LAG = 100_000;

/** How many entries the log has behind a place; at most 100,000. */
export function* loadLag(dialect: Dialect, { place }: SearchState): Plan<number> {
  const isBehind = behind(dialect, "e", place);
  const counted = yield* row(
    `SELECT count(*) FROM (
       SELECT 1 AS one FROM skein_entry e WHERE ${isBehind.sql} LIMIT ${MAX_LAG}
     ) pending`,
    ...isBehind.parameters,
  );
  return numberAt(counted ?? [], 0);
}

/** The state for who goes on with the index; others wait until the transaction is over. */
export function* lockState(dialect: Dialect): Plan<SearchState> {
  let stored = yield* lockedRow(dialect);
  if (stored === undefined) {
    yield* insertRows(dialect, NEW_STATE, [START_ROW]);
    stored = yield* lockedRow(dialect);
  }
  if (stored === undefined || numberAt(stored, 0) < VERSION) return yield* beginAnew(dialect);
  return stateOf(stored);
}

function lockedRow(dialect: Dialect): Plan<Row | undefined> {
  return row(
    `SELECT version, newest, low, high FROM skein_search_state WHERE id = 1 ${dialect.forUpdate}`,
  );
}

function stateOf(stored: Row): SearchState {
  return {
    newest: numberAt(stored, 1),
    place: { low: numberAt(stored, 2), high: numberAt(stored, 3) },
  };
}

export function* saveState({ newest, place }: SearchState): Plan<void> {
  yield* change(
    "UPDATE skein_search_state SET newest = ?, low = ?, high = ? WHERE id = 1",
    newest,
    place.low,
    place.high,
  );
}

/** Makes whoever goes on with the index begin anew. */
export function* resetState(): Plan<void> {
  yield* change("UPDATE skein_search_state SET version = 0 WHERE id = 1");
}

function* beginAnew(dialect: Dialect): Plan<SearchState> {
  for (const table of ["document", "search_title", "search_reader", "search_lost"])
    yield* change(`DELETE FROM skein_${table}`);
  yield* insertRows(dialect, STATE, [START_ROW]);
  return START;
}
