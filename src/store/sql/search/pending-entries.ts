import { numberAt, numberOrNullAt, textAt, textOrNullAt } from "../cell.ts";
import type { Row } from "../cell.ts";
import { OP_CODES } from "../codes.ts";
import type { Dialect } from "../dialect.ts";
import { rows } from "../plan.ts";
import type { Plan } from "../plan.ts";
import { behind, columnsOf, placeOf } from "./log-place.ts";
import type { LogPlace } from "./log-place.ts";

/** An entry that the index does not know, without its content. */
export interface PendingEntry {
  readonly place: LogPlace;
  readonly lsn: number;
  readonly op: number;
  readonly tid: number;
  readonly version: number;
  readonly tenant: string;
  readonly owner: string;
  readonly messageId: string | null;
  readonly hasPlace: boolean;
  /** Whether no commit can come before it any more. */
  readonly isSettled: boolean;
  readonly sizeBytes: number;
  /** Of a `thread.set`. */
  readonly payload: string | null;
}

/** Entries behind a place, in the order of commits; also those before which others may still come. */
export function* pendingEntries(
  dialect: Dialect,
  from: LogPlace,
  limit: number,
): Plan<readonly PendingEntry[]> {
  const columns = columnsOf(dialect, "e").join(", ");
  const isBehind = behind(dialect, "e", from);
  const size = dialect.bytesOf("e.payload");
  const found = yield* rows(
    `SELECT ${columns}, e.lsn, e.op, e.tid, e.version, t.tenant, t.owner, e.mid, e.pos,
       CASE WHEN ${dialect.feed.settled} THEN 1 ELSE 0 END, coalesce(${size}, 0),
       CASE WHEN e.op = ${OP_CODES["thread.set"]} THEN e.payload END
     FROM skein_entry e ${dialect.orderedJoin} skein_thread t ON t.tid = e.tid
     WHERE ${isBehind.sql} ORDER BY ${columns} LIMIT ?`,
    ...isBehind.parameters,
    limit,
  );
  const width = dialect.feed.position.length;
  return found.map((row) => entryOf(placeOf(dialect, row), row.slice(width)));
}

function entryOf(place: LogPlace, row: Row): PendingEntry {
  return {
    place,
    lsn: numberAt(row, 0),
    op: numberAt(row, 1),
    tid: numberAt(row, 2),
    version: numberAt(row, 3),
    tenant: textAt(row, 4),
    owner: textAt(row, 5),
    messageId: textOrNullAt(row, 6),
    hasPlace: numberOrNullAt(row, 7) !== null,
    isSettled: row[8] === 1,
    sizeBytes: numberAt(row, 9),
    payload: textOrNullAt(row, 10),
  };
}
