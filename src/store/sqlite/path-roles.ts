import type { Message, Role } from "../../model/message.ts";
import type { PathRange } from "../store.ts";
import { numberAt, textOrNullAt } from "./cell.ts";
import type { Row } from "./cell.ts";
import { ROLE_CODES } from "./codes.ts";
import type { Connection } from "./connection.ts";
import {
  MESSAGE_COLUMNS,
  MESSAGE_TABLES,
  PARENT_ID,
  POSITION,
  messageOfRow,
} from "./message-row.ts";
import { messageIdAt, stretchesBack } from "./segments.ts";
import type { Point, Stretch } from "./segments.ts";
import type { ThreadIds } from "./thread-ids.ts";

const UNLIMITED = -1;

interface RoleRange extends PathRange {
  readonly roles: readonly Role[];
}

/** Messages of some roles, segment by segment until there are enough. */
export function readRoles(
  connection: Connection,
  ids: ThreadIds,
  end: Point,
  { minDepth, maxDepth, roles, limit = UNLIMITED, order = "asc" }: RoleRange,
): readonly Message[] {
  const messages: Message[] = [];
  const slices = slicesBack(connection, end, minDepth, maxDepth);
  for (const slice of order === "asc" ? [...slices].reverse() : slices) {
    const left = limit === UNLIMITED ? UNLIMITED : limit - messages.length;
    if (left === 0) break;
    const { tid, startDepth } = slice;
    for (const row of rowsOf(connection, slice, roles, left, order)) {
      const depth = startDepth + numberAt(row, POSITION) - 1;
      messages.push(messageOfRow(row, ids.idOf(tid), parentOf(connection, slice, row), depth));
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

function rowsOf(
  connection: Connection,
  { tid, number, from, position }: Slice,
  roles: readonly Role[],
  limit: number,
  order: "asc" | "desc",
): readonly Row[] {
  const mask = roles.reduce((bits, role) => bits | (1 << ROLE_CODES[role]), 0);
  // Written like the index of instructions, so that a long thread is not searched for its few.
  const isInstruction = mask < 1 << ROLE_CODES.user ? "e.role < 2 AND" : "";
  return connection
    .statement(
      `SELECT ${MESSAGE_COLUMNS} FROM ${MESSAGE_TABLES}
       WHERE ${isInstruction} e.tid = ? AND e.seg = ? AND e.pos >= ? AND e.pos <= ?
       AND (1 << e.role) & ? ORDER BY e.pos ${order === "asc" ? "ASC" : "DESC"} LIMIT ?`,
    )
    .rows(tid, number, from, position, mask, limit);
}

/** Within a segment the parent is the message before. */
function parentOf(connection: Connection, { tid, number }: Point, row: Row): string | null {
  const position = numberAt(row, POSITION);
  return position === 1
    ? textOrNullAt(row, PARENT_ID)
    : messageIdAt(connection, { tid, number, position: position - 1 });
}
