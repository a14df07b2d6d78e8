import type { Message, Role } from "../../model/message.ts";
import type { PathRange } from "../store.ts";
import { numberAt, textAt, textOrNullAt } from "./cell.ts";
import type { Row } from "./cell.ts";
import { ROLE_CODES } from "./codes.ts";
import type { Connection } from "./connection.ts";
import {
  MESSAGE_COLUMNS,
  MESSAGE_ID,
  MESSAGE_TABLES,
  PARENT_ID,
  POSITION,
  messageOfRow,
} from "./message-row.ts";
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
    const left = limit === UNLIMITED ? UNLIMITED : limit - messages.length;
    if (left === 0) break;
    const threadId = ids.idOf(slice.tid);
    const rows = rowsOf(connection, slice, { roles, limit: left, order });
    for (const [index, row] of rows.entries()) {
      const parentId = parentIn(connection, slice, rows, index, order);
      const depth = slice.startDepth + numberAt(row, POSITION) - 1;
      messages.push(messageOfRow(row, threadId, parentId, depth));
    }
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
): readonly Row[] {
  const direction = order === "asc" ? "ASC" : "DESC";
  if (roles === undefined)
    return connection
      .statement(
        `SELECT ${MESSAGE_COLUMNS} FROM ${MESSAGE_TABLES}
         WHERE e.tid = ? AND e.seg = ? AND e.pos >= ? AND e.pos <= ?
         ORDER BY e.pos ${direction} LIMIT ?`,
      )
      .rows(tid, number, from, position, limit);
  const mask = roles.reduce((bits, role) => bits | (1 << ROLE_CODES[role]), 0);
  // Written like the index of instructions, so that a long thread is not searched for its few.
  const isInstruction = mask < 1 << ROLE_CODES.user ? "e.role < 2 AND" : "";
  return connection
    .statement(
      `SELECT ${MESSAGE_COLUMNS} FROM ${MESSAGE_TABLES}
       WHERE ${isInstruction} e.tid = ? AND e.seg = ? AND e.pos >= ? AND e.pos <= ?
       AND (1 << e.role) & ? ORDER BY e.pos ${direction} LIMIT ?`,
    )
    .rows(tid, number, from, position, mask, limit);
}

/** Within a segment the parent is the message before: usually the neighbouring row. */
function parentIn(
  connection: Connection,
  { tid, number }: Point,
  rows: readonly Row[],
  index: number,
  order: "asc" | "desc",
): string | null {
  const row = rows[index] ?? [];
  const position = numberAt(row, POSITION);
  if (position === 1) return textOrNullAt(row, PARENT_ID);
  const neighbour = rows[order === "asc" ? index - 1 : index + 1];
  return neighbour?.[POSITION] === position - 1
    ? textAt(neighbour, MESSAGE_ID)
    : messageIdAt(connection, { tid, number, position: position - 1 });
}

export function messageIdAt(
  connection: Connection,
  { tid, number, position }: Point,
): string | null {
  const row = connection
    .statement("SELECT mid FROM entry WHERE tid = ? AND seg = ? AND pos = ?")
    .row(tid, number, position);
  return row === undefined ? null : textAt(row, 0);
}
