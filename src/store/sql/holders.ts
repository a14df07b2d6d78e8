import { textAt } from "./cell.ts";
import type { MessageRow } from "./message-row.ts";
import { rows } from "./plan.ts";
import type { Plan } from "./plan.ts";

/** Ids of the threads that have a message: the one that wrote it, then the forks that include it, by age. None that was
 *  purged: a purged fork includes nothing. */
export function* holdersOf({
  tid,
  seg,
  pos,
}: Pick<MessageRow, "tid" | "seg" | "pos">): Plan<readonly string[]> {
  const found = yield* rows(
    `SELECT t.id, t.tid FROM skein_thread t WHERE t.tid = ? AND t.purged_at IS NULL
     UNION ALL
     SELECT t.id, t.tid FROM skein_inclusion i JOIN skein_thread t ON t.tid = i.tid
     WHERE i.origin_tid = ? AND i.seg = ? AND i.up_to >= ?
     ORDER BY 2`,
    tid,
    tid,
    seg,
    pos,
  );
  return found.map((row) => textAt(row, 0));
}
