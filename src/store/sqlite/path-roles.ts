import type { Message, Role } from "../../model/message.ts";
import { byteBound } from "../byte-bound.ts";
import type { PathRange } from "../store.ts";
import { numberAt, textOrNullAt } from "../sql/cell.ts";
import type { Row } from "../sql/cell.ts";
import { ROLE_CODES } from "../sql/codes.ts";
import type { Connection } from "./connection.ts";
import {
  MESSAGE_COLUMNS,
  MESSAGE_TABLES,
  PARENT_ID,
  POSITION,
  jsonOfRow,
  messageOfRow,
} from "../sql/message-row.ts";
import { messageIdAt, slicesBack } from "./segments.ts";
import type { Point, Slice } from "./segments.ts";
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
  { minDepth, maxDepth, roles, limit = UNLIMITED, maxBytes, order = "asc" }: RoleRange,
): readonly Message[] {
  const messages: Message[] = [];
  const fits = maxBytes === undefined ? undefined : byteBound(maxBytes);
  const slices = slicesBack(connection, end, minDepth, maxDepth);
  for (const slice of order === "asc" ? [...slices].reverse() : slices) {
    const left = limit === UNLIMITED ? UNLIMITED : limit - messages.length;
    if (left === 0) break;
    const { tid, startDepth } = slice;
    for (const row of rowsOf(connection, slice, roles, left, order, fits !== undefined)) {
      if (fits?.(...jsonOfRow(row)) === false) return messages;
      const depth = startDepth + numberAt(row, POSITION) - 1;
      messages.push(messageOfRow(row, ids.idOf(tid), parentOf(connection, slice, row), depth));
    }
  }
  return messages;
}

function rowsOf(
  connection: Connection,
  { tid, number, from, position }: Slice,
  roles: readonly Role[],
  limit: number,
  order: "asc" | "desc",
  isStepped: boolean,
): Iterable<Row> {
  const mask = roles.reduce((bits, role) => bits | (1 << ROLE_CODES[role]), 0);
  // Written like the index of instructions, so that a long thread is not searched for its few.
  const isInstruction = mask < 1 << ROLE_CODES.user ? "e.role < 2 AND" : "";
  const statement = connection.statement(
    `SELECT ${MESSAGE_COLUMNS} FROM ${MESSAGE_TABLES}
       WHERE ${isInstruction} e.tid = ? AND e.seg = ? AND e.pos >= ? AND e.pos <= ?
       AND (1 << e.role) & ? ORDER BY e.pos ${order === "asc" ? "ASC" : "DESC"} LIMIT ?`,
  );
  const parameters = [tid, number, from, position, mask, limit];
  return isStepped ? statement.each(...parameters) : statement.rows(...parameters);
}

/** Within a segment the parent is the message before. */
function parentOf(connection: Connection, { tid, number }: Point, row: Row): string | null {
  const position = numberAt(row, POSITION);
  return position === 1
    ? textOrNullAt(row, PARENT_ID)
    : messageIdAt(connection, { tid, number, position: position - 1 });
}
