import { textAt } from "./cell.ts";
import { INCLUDES } from "./included.ts";
import type { MessageRow } from "./message-row.ts";
import { rows } from "./plan.ts";
import type { Plan } from "./plan.ts";

/** Ids of the threads that have a message: the one that wrote it, then the forks that include it, by age. None that let go of
 *  it: a purged fork includes nothing. */
export function* holdersOf({
  tid,
  version,
  isReleased,
}: Pick<MessageRow, "tid" | "version" | "isReleased">): Plan<readonly string[]> {
  const found = yield* rows(
    `SELECT t.id, t.tid FROM skein_thread t WHERE t.tid = ? AND t.purged_at IS NULL
     UNION ALL
     SELECT DISTINCT t.id, t.tid
     FROM skein_entry e JOIN skein_inclusion i ON ${INCLUDES} JOIN skein_thread t ON t.tid = i.tid
     WHERE e.tid = ? AND e.version = ?
     ORDER BY 2`,
    tid,
    tid,
    version,
  );
  const holders = isReleased ? found.filter((row) => row[1] !== tid) : found;
  return holders.map((row) => textAt(row, 0));
}
