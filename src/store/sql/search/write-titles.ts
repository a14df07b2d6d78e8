import { numberAt, textAt, textOrNullAt } from "../cell.ts";
import type { Dialect } from "../dialect.ts";
import { insertRows } from "../insert-rows.ts";
import { listOf } from "../list-of.ts";
import { change, rows } from "../plan.ts";
import type { Plan } from "../plan.ts";
import type { SearchDialect, SearchDocument } from "./search-dialect.ts";
import { TITLES } from "./search-schema.ts";
import { marksOf, putDocuments, removeDocuments } from "./write-documents.ts";
import type { DocumentKey } from "./write-documents.ts";

/** An entry that brought a thread's title, or stands for the one that did. */
export interface TitlePlace {
  readonly tid: number;
  readonly version: number;
  readonly lsn: number;
}

/** Puts the titles of threads as they are now into the place of those before. */
export function* writeTitles(
  dialect: Dialect,
  search: SearchDialect,
  places: ReadonlyMap<number, TitlePlace>,
): Plan<void> {
  if (places.size === 0) return;
  const tids = listOf([...places.keys()]);
  const threads = yield* rows(
    `SELECT tid, tenant, owner, title FROM skein_thread WHERE tid IN ${tids.sql}`,
    ...tids.parameters,
  );
  yield* removeTitles([...places.keys()]);
  const documents = threads.flatMap((row): readonly SearchDocument[] => {
    const title = textOrNullAt(row, 3);
    const place = places.get(numberAt(row, 0));
    if (title === null || place === undefined) return [];
    const marks = marksOf(search, place.tid, place.lsn, textAt(row, 1), textAt(row, 2));
    return [{ ...place, role: null, text: title, marks }];
  });
  const keys = documents.map(({ tid, version }): DocumentKey => [tid, version]);
  yield* putDocuments(dialect, search, documents);
  yield* insertRows(dialect, TITLES, keys);
}

/** Takes the titles of threads out. */
export function* removeTitles(tids: readonly number[]): Plan<void> {
  if (tids.length === 0) return;
  const list = listOf(tids);
  const found = yield* rows(
    `SELECT tid, version FROM skein_search_title WHERE tid IN ${list.sql}`,
    ...list.parameters,
  );
  if (found.length === 0) return;
  yield* removeDocuments(found.map((row) => [numberAt(row, 0), numberAt(row, 1)]));
  yield* change(`DELETE FROM skein_search_title WHERE tid IN ${list.sql}`, ...list.parameters);
}

/** Takes out the titles that went with an erased message.
 *  @param homes  threads that wrote erased messages */
export function* removeLostTitles(homes: readonly number[]): Plan<void> {
  if (homes.length === 0) return;
  const list = listOf(homes);
  const found = yield* rows(
    `SELECT t.tid FROM skein_thread t WHERE t.title IS NULL AND (t.tid IN ${list.sql}
       OR t.tid IN (SELECT i.tid FROM skein_inclusion i WHERE i.origin_tid IN ${list.sql}))`,
    ...list.parameters,
    ...list.parameters,
  );
  yield* removeTitles(found.map((row) => numberAt(row, 0)));
}
