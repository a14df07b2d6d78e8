import type { Message } from "../../model/message.ts";
import { byteBound } from "../byte-bound.ts";
import type { PathRange } from "../store.ts";
import { numberAt, textOrNullAt } from "../sql/cell.ts";
import type { Row } from "../sql/cell.ts";
import type { Connection, Statement } from "./connection.ts";
import {
  MESSAGE_COLUMNS,
  MESSAGE_TABLES,
  PARENT_ID,
  POSITION,
  WHOLE_COLUMNS,
  jsonOfRow,
  messageOfRow,
} from "../sql/message-row.ts";
import { readRoles } from "./path-roles.ts";
import { messageIdAt, segmentAt, slicesBack } from "./segments.ts";
import type { Point } from "./segments.ts";
import type { ThreadIds } from "./thread-ids.ts";

/** Messages on a path by depth. Reads only segments between the end and `minDepth`, and of them only the rows asked for. */
export function readPath(
  connection: Connection,
  ids: ThreadIds,
  end: Point,
  range: PathRange,
): readonly Message[] {
  const { roles, order, maxBytes } = range;
  if (roles !== undefined) return readRoles(connection, ids, end, { ...range, roles });
  if (end.position === 0) return [];
  const { startDepth } = segmentAt(connection, end.tid, end.number);
  const { minDepth, maxDepth } = narrowed(range, startDepth + end.position - 1);
  if (minDepth > maxDepth) return [];
  const isOneSegment = minDepth >= startDepth;
  const [from, to] = [minDepth - startDepth + 1, maxDepth - startDepth + 1];
  // A page of usual messages is summed up first, which is cheaper than stepping through it row by row.
  const sum =
    maxBytes !== undefined && isOneSegment && to - from < MOST_SUMMED
      ? sumUp(connection, end, from, to)
      : undefined;
  if (maxBytes !== undefined && (sum === undefined || sum.bytes > maxBytes)) {
    const rows = boundedRows(connection, end, { minDepth, maxDepth, maxBytes, order });
    return order === "desc"
      ? messagesOf(connection, ids, rows.reverse(), maxDepth - rows.length + 1).reverse()
      : messagesOf(connection, ids, rows, minDepth);
  }
  const messages =
    sum?.areWhole === true
      ? messagesOf(connection, ids, wholeRows(connection, end, from, to), minDepth, end)
      : messagesOf(
          connection,
          ids,
          isOneSegment
            ? segmentRows(connection, end, from, to)
            : pathRows(connection, end, minDepth, maxDepth),
          minDepth,
        );
  return order === "desc" ? messages.reverse() : messages;
}

/** Rows by depth, none missing: the parent of each is the row before.
 *  @param home  the segment that all of them are in, if the rows do not say */
function messagesOf(
  connection: Connection,
  ids: ThreadIds,
  rows: readonly Row[],
  minDepth: number,
  home?: Point,
): Message[] {
  const threadId = home && ids.idOf(home.tid);
  let parentId = parentOfFirst(connection, rows[0], home);
  return rows.map((row, index) => {
    const writtenIn = threadId ?? ids.idOf(numberAt(row, HOME));
    const message = messageOfRow(row, writtenIn, parentId, minDepth + index);
    parentId = message.id;
    return message;
  });
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

const MOST_SUMMED = 1_000;

const HOME = 12;
const SEGMENT = 13;

/** Steps through the path in its order, segment by segment, and stops where the bound is. */
function boundedRows(
  connection: Connection,
  end: Point,
  {
    minDepth,
    maxDepth,
    maxBytes,
    order,
  }: Pick<PathRange, "minDepth" | "maxDepth"> & {
    readonly maxBytes: number;
    readonly order: PathRange["order"];
  },
): Row[] {
  const fits = byteBound(maxBytes);
  const rows: Row[] = [];
  const slices = slicesBack(connection, end, minDepth, maxDepth);
  for (const { tid, number, from, position } of order === "desc" ? slices : [...slices].reverse())
    for (const row of segmentStatement(connection, order).each(tid, number, from, position)) {
      if (!fits(...jsonOfRow(row))) return rows;
      rows.push(row);
    }
  return rows;
}

/** All of it in one segment. */
function segmentRows(
  connection: Connection,
  { tid, number }: Point,
  from: number,
  to: number,
): readonly Row[] {
  return segmentStatement(connection, "asc").rows(tid, number, from, to);
}

/** The usual page: messages that came whole, all in one segment. */
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

function segmentStatement(connection: Connection, order: PathRange["order"]): Statement {
  return connection.statement(
    `SELECT ${MESSAGE_COLUMNS}, e.tid, e.seg FROM ${MESSAGE_TABLES}
     WHERE e.tid = ? AND e.seg = ? AND e.pos >= ? AND e.pos <= ?
     ORDER BY e.pos ${order === "desc" ? "DESC" : "ASC"}`,
  );
}

/** Several segments in one statement: a page over many short ones would otherwise be mostly statements. */
function pathRows(
  connection: Connection,
  { tid, number, position }: Point,
  minDepth: number,
  maxDepth: number,
): readonly Row[] {
  return connection
    .statement(
      `WITH RECURSIVE stretch (tid, number, position, start_depth) AS (
         SELECT ?1, ?2, ?3, ${startDepthOf("?1", "?2")}
         UNION ALL
         SELECT s.parent_tid, s.parent_number, s.parent_position,
           ${startDepthOf("s.parent_tid", "s.parent_number")}
         FROM stretch k JOIN skein_segment s ON s.tid = k.tid AND s.number = k.number
         WHERE s.parent_tid IS NOT NULL AND k.start_depth > ?4)
       SELECT ${MESSAGE_COLUMNS}, e.tid, e.seg FROM stretch k CROSS JOIN ${MESSAGE_TABLES}
       WHERE e.tid = k.tid AND e.seg = k.number AND e.pos >= ?4 - k.start_depth + 1
         AND e.pos <= min(k.position, ?5 - k.start_depth + 1)
       ORDER BY k.start_depth + e.pos`,
    )
    .rows(tid, number, position, minDepth, maxDepth);
}

function startDepthOf(tid: string, number: string): string {
  return `ifnull((SELECT p.start_depth FROM skein_segment p WHERE p.tid = ${tid} AND p.number = ${number}), 0)`;
}

function parentOfFirst(
  connection: Connection,
  row: Row | undefined,
  home: Point | undefined,
): string | null {
  if (row === undefined) return null;
  const position = numberAt(row, POSITION);
  if (position === 1) return textOrNullAt(row, PARENT_ID);
  const { tid, number } = home ?? { tid: numberAt(row, HOME), number: numberAt(row, SEGMENT) };
  return messageIdAt(connection, { tid, number, position: position - 1 });
}
