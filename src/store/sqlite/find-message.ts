import type { Message } from "../../model/message.ts";
import { textOrNullAt } from "../sql/cell.ts";
import type { Connection } from "./connection.ts";
import {
  MESSAGE_TABLES,
  PARENT_ID,
  PLACED_COLUMNS,
  messageOfRow,
  messageRowOf,
} from "../sql/message-row.ts";
import type { MessageRow } from "../sql/message-row.ts";
import { messageIdAt, segmentAt } from "./segments.ts";
import type { ThreadIds } from "./thread-ids.ts";

/** The row that has the message's place, or that queued it. Finds messages of the thread and, in a fork, those that it
 *  includes. A queued message that was discarded is not found. */
export function findMessage(
  connection: Connection,
  tenant: string,
  tid: number,
  id: string,
): MessageRow | undefined {
  return (
    readable(connection, tid, rowsByMadeId(connection, id)) ??
    readable(connection, tid, rowsByGivenId(connection, tenant, id))
  );
}

function readable(
  connection: Connection,
  tid: number,
  rows: readonly MessageRow[],
): MessageRow | undefined {
  const own = rows.filter((row) => row.tid === tid);
  const found = own.length > 0 ? own : rows.filter((row) => isIncluded(connection, tid, row));
  const message = found.find(({ pos }) => pos !== null) ?? found[0];
  return message?.isDequeued === true ? undefined : message;
}

export function loadMessage(
  connection: Connection,
  ids: ThreadIds,
  tenant: string,
  tid: number,
  id: string,
): Message | null {
  const found = findMessage(connection, tenant, tid, id);
  return found === undefined ? null : messageAt(connection, ids, found);
}

function messageAt(connection: Connection, ids: ThreadIds, found: MessageRow): Message {
  const { tid, row } = found;
  const parentId = parentOf(connection, found);
  return messageOfRow(row, ids.idOf(tid), parentId, depthOf(connection, found));
}

function parentOf(connection: Connection, { tid, seg, pos, row }: MessageRow): string | null {
  return seg === null || pos === null || pos === 1
    ? textOrNullAt(row, PARENT_ID)
    : messageIdAt(connection, { tid, number: seg, position: pos - 1 });
}

export function depthOf(connection: Connection, { tid, seg, pos }: MessageRow): number | null {
  if (seg === null || pos === null) return null;
  return segmentAt(connection, tid, seg).startDepth + pos - 1;
}

function rowsByMadeId(connection: Connection, id: string): readonly MessageRow[] {
  return connection
    .statement(
      `SELECT ${PLACED_COLUMNS} FROM ${MESSAGE_TABLES}
       WHERE e.mid = ? AND e.role IS NOT NULL AND e.given IS NULL`,
    )
    .rows(id)
    .map(messageRowOf);
}

function rowsByGivenId(connection: Connection, tenant: string, id: string): readonly MessageRow[] {
  return connection
    .statement(
      `SELECT ${PLACED_COLUMNS} FROM skein_given_id g CROSS JOIN ${MESSAGE_TABLES}
       WHERE g.tenant = ? AND g.id = ? AND e.tid = g.tid AND e.version = g.place`,
    )
    .rows(tenant, id)
    .map(messageRowOf);
}

function isIncluded(connection: Connection, tid: number, row: MessageRow): boolean {
  if (row.seg === null || row.pos === null) return false;
  return (
    connection
      .statement(
        "SELECT 1 FROM skein_inclusion WHERE origin_tid = ? AND seg = ? AND tid = ? AND up_to >= ?",
      )
      .row(row.tid, row.seg, tid, row.pos) !== undefined
  );
}
