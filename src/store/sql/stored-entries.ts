import { numberAt, numberOrNullAt, textOrNullAt } from "./cell.ts";
import { INCLUDES } from "./included.ts";
import { rows } from "./plan.ts";
import type { Plan } from "./plan.ts";

/** What a row of the log says about messages, without content. */
export interface StoredEntry {
  readonly version: number;
  readonly op: number;
  readonly messageId: string | null;
  readonly role: number | null;
  readonly isGiven: boolean;
  readonly segment: number | null;
  readonly position: number | null;
  readonly parentId: string | null;
  readonly body: number | null;
  readonly isReleased: boolean;
  /** Whether a fork includes the message that has its place here. */
  readonly isIncluded: boolean;
}

/** All rows of a thread, in the order of versions. */
export function* storedEntries(tid: number): Plan<readonly StoredEntry[]> {
  const found = yield* rows(
    `SELECT e.version, e.op, e.mid, e.role, e.given, e.seg, e.pos, e.parent_id, e.body, e.released,
       CASE WHEN e.pos IS NOT NULL AND EXISTS (SELECT 1 FROM skein_inclusion i WHERE ${INCLUDES})
         THEN 1 ELSE 0 END
     FROM skein_entry e WHERE e.tid = ? ORDER BY e.version`,
    tid,
  );
  return found.map((row) => ({
    version: numberAt(row, 0),
    op: numberAt(row, 1),
    messageId: textOrNullAt(row, 2),
    role: numberOrNullAt(row, 3),
    isGiven: row[4] !== null,
    segment: numberOrNullAt(row, 5),
    position: numberOrNullAt(row, 6),
    parentId: textOrNullAt(row, 7),
    body: numberOrNullAt(row, 8),
    isReleased: row[9] !== null,
    isIncluded: row[10] === 1,
  }));
}
