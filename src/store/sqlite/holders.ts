import { textAt } from "../sql/cell.ts";
import type { Connection } from "./connection.ts";
import type { MessageRow } from "./message-row.ts";

/** Ids of the threads that have a message: the one that wrote it, then the forks that include it, by age. None that was
 *  purged: a purged fork includes nothing. */
export function holdersOf(
  connection: Connection,
  { tid, seg, pos }: Pick<MessageRow, "tid" | "seg" | "pos">,
): readonly string[] {
  return connection
    .statement(
      `SELECT t.id, t.tid FROM skein_thread t WHERE t.tid = ?1 AND t.purged_at IS NULL
       UNION ALL
       SELECT t.id, t.tid FROM skein_inclusion i JOIN skein_thread t ON t.tid = i.tid
       WHERE i.origin_tid = ?1 AND i.seg = ?2 AND i.up_to >= ?3
       ORDER BY 2`,
    )
    .rows(tid, seg, pos)
    .map((row) => textAt(row, 0));
}
