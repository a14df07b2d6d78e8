import type { Message, Role } from "../../model/message.ts";
import type { PathRange } from "../store.ts";
import { textAt } from "./cell.ts";
import type { Row } from "./cell.ts";
import { ROLE_CODES } from "./codes.ts";
import type { Connection } from "./connection.ts";
import { MESSAGE_COLUMNS, MESSAGE_TABLES, messageOfRow, messageRowOf } from "./message-row.ts";
import type { MessageRow } from "./message-row.ts";
import { stretchesBack } from "./segments.ts";
import type { Point, Stretch } from "./segments.ts";
import type { ThreadIds } from "./thread-ids.ts";

const UNLIMITED = -1;

/** Messages on a path by depth. Reads only segments between the end and `minDepth`, and of them only the rows asked for. */
export function readPath(
  connection: Connection,
  ids: ThreadIds,
  end: Point,
  { minDepth, maxDepth, roles, limit = UNLIMITED, order = "asc" }: PathRange,
): readonly Message[] {
  const messages: Message[] = [];
  const slices = slicesBack(connection, end, minDepth, maxDepth);
  for (const slice of order === "asc" ? [...slices].reverse() : slices) {
    if (limit !== UNLIMITED && messages.length >= limit) break;
    const left = limit === UNLIMITED ? UNLIMITED : limit - messages.length;
    const threadId = ids.idOf(slice.tid);
    for (const found of rowsOf(connection, slice, { roles, limit: left, order }))
      messages.push(
        messageOfRow(found, {
          threadId,
          parentId: found.parentId,
          depth: slice.startDepth + (found.pos ?? 0) - 1,
        }),
      );
  }
  return messages;
}

interface Slice extends Stretch {
  /** First position asked for; `position` is the last one. */
  readonly from: number;
}

function* slicesBack(
  connection: Connection,
  end: Point,
  minDepth: number,
  maxDepth: number,
): Generator<Slice> {
  for (const stretch of stretchesBack(connection, end)) {
    const { startDepth } = stretch;
    const from = Math.max(1, minDepth - startDepth + 1);
    const position = Math.min(stretch.position, maxDepth - startDepth + 1);
    if (from <= position) yield { ...stretch, from, position };
    // Everything before is higher up than asked for.
    if (startDepth <= minDepth) return;
  }
}

interface Selection {
  readonly roles: readonly Role[] | undefined;
  readonly limit: number;
  readonly order: "asc" | "desc";
}

function rowsOf(
  connection: Connection,
  { tid, number, from, position }: Slice,
  { roles, limit, order }: Selection,
): readonly MessageRow[] {
  const direction = order === "asc" ? "ASC" : "DESC";
  if (roles !== undefined) {
    const mask = roles.reduce((bits, role) => bits | (1 << ROLE_CODES[role]), 0);
    // Written like the index of instructions, so that a long thread is not searched for its few.
    const isInstruction = mask < 1 << ROLE_CODES.user ? "e.role < 2 AND" : "";
    return connection
      .statement(
        `SELECT ${MESSAGE_COLUMNS}, ${PARENT} FROM ${MESSAGE_TABLES}
         WHERE ${isInstruction} e.tid = ? AND e.seg = ? AND e.pos >= ? AND e.pos <= ?
         AND (1 << e.role) & ? ORDER BY e.pos ${direction} LIMIT ?`,
      )
      .rows(tid, number, from, position, mask, limit)
      .map(withParent);
  }
  const rows = connection
    .statement(
      `SELECT ${MESSAGE_COLUMNS} FROM ${MESSAGE_TABLES}
       WHERE e.tid = ? AND e.seg = ? AND e.pos >= ? AND e.pos <= ?
       ORDER BY e.pos ${direction} LIMIT ?`,
    )
    .rows(tid, number, from, position, limit)
    .map(messageRowOf);
  return withNeighbours(connection, rows, order);
}

const PARENT =
  "(SELECT p.mid FROM entry p WHERE p.tid = e.tid AND p.seg = e.seg AND p.pos = e.pos - 1)";

const PARENT_INDEX = 18;

function withParent(row: Row): MessageRow {
  const found = messageRowOf(row);
  const before = row[PARENT_INDEX];
  return typeof before === "string" ? { ...found, parentId: before } : found;
}

/** Within a segment the parent is the row before; only the first row's has to be looked up. */
function withNeighbours(
  connection: Connection,
  rows: readonly MessageRow[],
  order: "asc" | "desc",
): readonly MessageRow[] {
  const step = order === "asc" ? -1 : 1;
  return rows.map((found, index) => {
    if (found.pos === 1) return found;
    const parentId = rows[index + step]?.mid ?? parentOf(connection, found);
    return { ...found, parentId };
  });
}

/** Id of the message before; the stored parent for the first one of a segment. */
export function parentOf(connection: Connection, found: MessageRow): string | null {
  const { tid, seg, pos, parentId } = found;
  if (seg === null || pos === null || pos === 1) return parentId;
  const row = connection
    .statement("SELECT mid FROM entry WHERE tid = ? AND seg = ? AND pos = ?")
    .row(tid, seg, pos - 1);
  return row === undefined ? null : textAt(row, 0);
}
