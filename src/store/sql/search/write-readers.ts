import { numberAt, textAt } from "../cell.ts";
import type { Cell } from "../cell.ts";
import type { Dialect } from "../dialect.ts";
import { insertRows } from "../insert-rows.ts";
import { listOf } from "../list-of.ts";
import { change, rows } from "../plan.ts";
import type { Plan } from "../plan.ts";
import { READERS } from "./search-schema.ts";

/** Notes who reads threads beside their owners, and whose messages a fork brings to its readers. */
export function* writeReaders(dialect: Dialect, tids: readonly number[]): Plan<void> {
  if (tids.length === 0) return;
  yield* removeReaders(tids);
  const list = listOf(tids);
  const threads = yield* rows(
    `SELECT t.tid, t.tenant, t.owner, 1, 0 FROM skein_thread t WHERE t.tid IN ${list.sql}
     UNION ALL
     SELECT m.tid, '', m.user_id, 2, 0 FROM skein_member m WHERE m.tid IN ${list.sql}
     UNION ALL
     SELECT DISTINCT i.tid, '', '', 3, i.origin_tid FROM skein_inclusion i WHERE i.tid IN ${list.sql}`,
    ...list.parameters,
    ...list.parameters,
    ...list.parameters,
  );
  const readers: (readonly Cell[])[] = [];
  for (const [tid, of] of Map.groupBy(threads, (row) => numberAt(row, 0))) {
    const thread = of.find((row) => row[3] === 1);
    if (thread === undefined) continue;
    const tenant = textAt(thread, 1);
    const owner = textAt(thread, 2);
    const origins = of.filter((row) => row[3] === 3).map((row) => numberAt(row, 4));
    for (const origin of origins) readers.push([tenant, owner, origin, tid]);
    const members = of.filter((row) => row[3] === 2).map((row) => textAt(row, 2));
    for (const user of members)
      for (const scope of [tid, ...origins]) readers.push([tenant, user, scope, tid]);
  }
  yield* insertRows(dialect, READERS, readers);
}

export function* removeReaders(tids: readonly number[]): Plan<void> {
  const list = listOf(tids);
  yield* change(`DELETE FROM skein_search_reader WHERE tid IN ${list.sql}`, ...list.parameters);
}
