import { numberAt, textAt } from "../cell.ts";
import type { Dialect } from "../dialect.ts";
import { moveAllInLists } from "../listing-rows.ts";
import { change, row, rows } from "../plan.ts";
import type { Plan } from "../plan.ts";

/** Per transaction, so that no lock is held for long. */
const LOG_ROWS_AT_ONCE = 2_000;
const THREADS_AT_ONCE = 500;

/** How far the lists follow the log is stored with it, so that whoever comes next goes on. */
export const LISTED_PLACE = "listed_place";

/** Brings the threads to their places by the time of their last change. */
export function* moveSome(dialect: Dialect, tids: ReadonlySet<number>): Plan<readonly number[]> {
  const some = [...tids].slice(0, THREADS_AT_ONCE).toSorted((a, b) => a - b);
  yield* moveAllInLists(dialect, some);
  return some;
}

/** The same for a slice of the log that the lists do not know yet, whoever wrote it. Answers whether more is left. */
export function* followLog(dialect: Dialect): Plan<boolean> {
  const { position, settled } = dialect.feed;
  const stored = yield* row(
    `SELECT value FROM skein_meta WHERE name = '${LISTED_PLACE}' ${dialect.forUpdate}`,
  );
  const place = stored === undefined ? [] : textAt(stored, 0).split("-").map(Number);
  const start = position.map((_, at) => place[at] ?? 0);
  const [first = "", second] = position;
  const behind =
    second === undefined ? `${first} > ?` : `${first} >= ? AND (${first} > ? OR ${second} > ?)`;
  const [low = 0, next = 0] = start;
  const columns = position.join(", ");
  const found = yield* rows(
    `SELECT ${columns}, tid FROM skein_entry WHERE ${behind} AND ${settled}
     ORDER BY ${columns} LIMIT ${LOG_ROWS_AT_ONCE}`,
    ...(second === undefined ? [low] : [low, low, next]),
  );
  const last = found.at(-1);
  if (last === undefined) return false;
  const tids = new Set(found.map((it) => numberAt(it, position.length)));
  const inOrder = [...tids].toSorted((a, b) => a - b);
  for (let at = 0; at < inOrder.length; at += THREADS_AT_ONCE)
    yield* moveAllInLists(dialect, inOrder.slice(at, at + THREADS_AT_ONCE));
  const reached = position.map((_, at) => numberAt(last, at)).join("-");
  yield* change(`UPDATE skein_meta SET value = ? WHERE name = '${LISTED_PLACE}'`, reached);
  return found.length === LOG_ROWS_AT_ONCE;
}
