import type { Message, MessageBody } from "../../model/message.ts";
import type { JsonObject } from "../../model/json.ts";
import { numberAt, numberOrNullAt, parseStored, textAt, textOrNullAt } from "./cell.ts";
import type { Row } from "./cell.ts";
import { OP_CODES, roleOf } from "./codes.ts";

/** What a message is made from: the row that has its place (or queued it) as `e`, and the row with its content as
 *  `b` where that is another one. */
export const MESSAGE_COLUMNS: string = `e.version, e.op, e.at, e.seg, e.pos, e.role, e.mid, e.turn_id, e.parent_id,
  e.notes, e.payload, b.op, b.at, b.payload, e.tid, e.pending, b.pending, e.body`;

export const MESSAGE_TABLES: string =
  "entry e LEFT JOIN entry b ON b.tid = e.tid AND b.version = e.body";

/** A message's columns, decoded; content only on demand. */
export interface MessageRow {
  readonly tid: number;
  readonly version: number;
  readonly seg: number | null;
  readonly pos: number | null;
  readonly mid: string;
  readonly turnId: string;
  /** `null` also where the message before is the parent. */
  readonly parentId: string | null;
  readonly pending: readonly string[];
  /** Taken out of the queue; a message that got a place has another row. */
  readonly isDequeued: boolean;
  readonly row: Row;
}

export function messageRowOf(row: Row): MessageRow {
  const mid = textAt(row, 6);
  // The commit of an opened message has the newest list.
  const pending = textOrNullAt(row, row[11] === OP_CODES["message.commit"] ? 16 : 15);
  return {
    tid: numberAt(row, 14),
    version: numberAt(row, 0),
    seg: numberOrNullAt(row, 3),
    pos: numberOrNullAt(row, 4),
    mid,
    turnId: textOrNullAt(row, 7) ?? mid,
    parentId: textOrNullAt(row, 8),
    pending: pending === null ? [] : parseStored<readonly string[]>(pending),
    isDequeued: row[4] === null && row[17] !== null,
    row,
  };
}

/** A stored payload of a message: the body without id and role, a status that is not `completed`, and marks. */
export interface StoredBody extends Partial<MessageBody> {
  readonly redacted?: true;
  /** What the entry says beside the message. */
  readonly entry?: object;
}

export interface MessageContext {
  readonly threadId: string;
  readonly parentId: string | null;
  readonly depth: number | null;
}

export function messageOfRow({ mid, turnId, version, row }: MessageRow, context: MessageContext): Message {
  const isQueuedBefore = row[11] === OP_CODES["message.enqueue"];
  const { entry: _entry, ...body } = bodyOfRow(row, isQueuedBefore);
  const role = roleOf(row[5]) ?? "user";
  const notes = textOrNullAt(row, 9);
  return {
    status: "completed",
    parts: [],
    ...body,
    ...(notes !== null && { metadata: parseStored<JsonObject>(notes) }),
    id: mid,
    role,
    turnId,
    version,
    createdAt: numberAt(row, isQueuedBefore ? 12 : 2),
    ...context,
  };
}

function bodyOfRow(row: Row, isQueuedBefore: boolean): StoredBody {
  const own = textOrNullAt(row, 10);
  const other = textOrNullAt(row, 13);
  if (isQueuedBefore) return { ...parseStored<StoredBody>(other ?? "{}"), status: "completed" };
  const opened = parseStored<StoredBody>(own ?? "{}");
  return other === null ? opened : { ...opened, ...parseStored<StoredBody>(other) };
}
