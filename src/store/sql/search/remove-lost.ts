import { numberAt } from "../cell.ts";
import type { Dialect } from "../dialect.ts";
import { insertRows } from "../insert-rows.ts";
import { change, rows } from "../plan.ts";
import type { Plan } from "../plan.ts";
import { LOST } from "./search-schema.ts";

/** Takes out what the log no longer has: of threads that let go of messages now, and of those that did so before, of
 *  which forks included messages until now. */
export function* removeLost(dialect: Dialect, tids: readonly number[]): Plan<void> {
  if (tids.length === 0) return;
  yield* insertRows(
    dialect,
    LOST,
    tids.map((tid) => [tid]),
  );
  const lost = yield* rows("SELECT tid FROM skein_search_lost");
  for (const row of lost)
    yield* change(
      `DELETE FROM skein_document WHERE tid = ?
         AND version NOT IN (SELECT s.version FROM skein_search_title s WHERE s.tid = ?)
         AND NOT EXISTS (SELECT 1 FROM skein_entry e WHERE e.tid = skein_document.tid
           AND e.version = skein_document.version AND e.pos IS NOT NULL)`,
      numberAt(row, 0),
      numberAt(row, 0),
    );
  yield* change(
    `DELETE FROM skein_search_lost WHERE NOT EXISTS (
       SELECT 1 FROM skein_inclusion i WHERE i.origin_tid = skein_search_lost.tid)`,
  );
}
