import type { Message, PathEnd } from "../../model/message.ts";
import type { PathRange } from "../store.ts";
import { numberAt, textOrNullAt } from "../sql/cell.ts";
import type { Row } from "../sql/cell.ts";
import {
  MESSAGE_COLUMNS,
  MESSAGE_TABLES,
  PARENT_ID,
  POSITION,
  WHOLE_COLUMNS,
  messageOfRow,
} from "../sql/message-row.ts";
import { readPath } from "../sql/path.ts";
import { messageIdAt, segmentAt } from "../sql/segments.ts";
import type { Point } from "../sql/segments.ts";
import type { ThreadIds } from "../sql/thread-ids.ts";
import type { Connection } from "./connection.ts";
import { sqliteDialect } from "./dialect.ts";
import { runPlan } from "./run-plan.ts";

/** Messages on a path by depth. The usual page, all in one segment, takes several statements that are cheaper here than
 *  the one of the plan. */
export function readPathDirectly(
  connection: Connection,
  ids: ThreadIds,
  tenant: string,
  { segment, position, floor }: PathEnd,
  range: PathRange,
): readonly Message[] {
  const { threadId, number } = segment;
  const tid = runPlan(connection, ids.find(tenant, threadId));
  if (tid === undefined || position === 0) return [];
  return (
    readSegment(connection, threadId, { tid, number, position }, floor?.depth ?? 0, range) ??
    runPlan(
      connection,
      readPath(
        sqliteDialect,
        { tenant, threadId, number, position, floorDepth: floor?.depth },
        range,
      ),
    )
  );
}

const MOST_SUMMED = 1_000;

/** `undefined` where the path needs more than this segment, was trimmed, or does not fit whole. */
function readSegment(
  connection: Connection,
  threadId: string,
  end: Point,
  floorDepth: number,
  range: PathRange,
): readonly Message[] | undefined {
  const { roles, order, maxBytes } = range;
  if (roles !== undefined) return undefined;
  const { startDepth } = runPlan(connection, segmentAt(end.tid, end.number));
  const { minDepth, maxDepth } = narrowed(range, startDepth + end.position - 1);
  if (minDepth > maxDepth) return [];
  if (minDepth < Math.max(startDepth, floorDepth)) return undefined;
  const [from, to] = [minDepth - startDepth + 1, maxDepth - startDepth + 1];
  let areWhole = false;
  if (maxBytes !== undefined) {
    if (to - from >= MOST_SUMMED) return undefined;
    // Summed up first, which is cheaper than stepping through the page row by row.
    const sum = sumUp(connection, end, from, to);
    if (sum.bytes > maxBytes) return undefined;
    areWhole = sum.areWhole;
  }
  const rows = areWhole
    ? wholeRows(connection, end, from, to)
    : segmentRows(connection, end, from, to);
  let parentId = parentOfFirst(connection, rows[0], end);
  const messages = rows.map((row, index) => {
    const message = messageOfRow(row, threadId, parentId, minDepth + index);
    parentId = message.id;
    return message;
  });
  return order === "desc" ? messages.reverse() : messages;
}

/** Every depth has one message, so that a limit is a bound. */
function narrowed(
  { minDepth, maxDepth, limit = Infinity, order }: PathRange,
  endDepth: number,
): { readonly minDepth: number; readonly maxDepth: number } {
  const low = Math.max(0, minDepth);
  const high = Math.min(endDepth, maxDepth);
  return order === "desc"
    ? { minDepth: Math.max(low, high - limit + 1), maxDepth: high }
    : { minDepth: low, maxDepth: Math.min(high, low + limit - 1) };
}

function segmentRows(
  connection: Connection,
  { tid, number }: Point,
  from: number,
  to: number,
): readonly Row[] {
  return connection
    .statement(
      `SELECT ${MESSAGE_COLUMNS} FROM ${MESSAGE_TABLES}
       WHERE e.tid = ? AND e.seg = ? AND e.pos >= ? AND e.pos <= ? ORDER BY e.pos`,
    )
    .rows(tid, number, from, to);
}

/** The usual page: messages that came whole. */
function wholeRows(
  connection: Connection,
  { tid, number }: Point,
  from: number,
  to: number,
): readonly Row[] {
  return connection
    .statement(`SELECT ${WHOLE_COLUMNS} FROM skein_entry e WHERE ${STRETCH} ORDER BY pos`)
    .rows(tid, number, from, to);
}

/** Stored bytes of a stretch, and whether all content stands in its own rows. Read off the rows' headers, so it costs a
 *  fraction of reading them. */
function sumUp(
  connection: Connection,
  { tid, number }: Point,
  from: number,
  to: number,
): { readonly bytes: number; readonly areWhole: boolean } {
  const own = connection
    .statement(`SELECT total(octet_length(payload)), count(body) FROM skein_entry WHERE ${STRETCH}`)
    .row(tid, number, from, to);
  const bytes = own === undefined ? 0 : numberAt(own, 0);
  if (own === undefined || numberAt(own, 1) === 0) return { bytes, areWhole: true };
  const other = connection
    .statement(
      `SELECT total(octet_length(b.payload)) FROM skein_entry b JOIN
         (SELECT tid, body FROM skein_entry WHERE ${STRETCH} AND body IS NOT NULL) e
       ON b.tid = e.tid AND b.version = e.body`,
    )
    .row(tid, number, from, to);
  return { bytes: bytes + (other === undefined ? 0 : numberAt(other, 0)), areWhole: false };
}

const STRETCH = "tid = ? AND seg = ? AND pos >= ? AND pos <= ?";

function parentOfFirst(
  connection: Connection,
  row: Row | undefined,
  { tid, number }: Point,
): string | null {
  if (row === undefined) return null;
  const parentId = textOrNullAt(row, PARENT_ID);
  const position = numberAt(row, POSITION);
  if (parentId !== null || position === 1) return parentId;
  return runPlan(connection, messageIdAt({ tid, number, position: position - 1 }));
}
