import type { JsonObject } from "../../model/json.ts";
import type { Message, MessageBody } from "../../model/message.ts";
import { numberAt, numberOrNullAt, parseStored, textAt, textOrNullAt } from "./cell.ts";
import type { Row } from "./cell.ts";
import { OP_CODES, roleOf } from "./codes.ts";
import { INCLUDES } from "./included.ts";

/** What a message is made from that came whole: its content stands in the row that has its place. */
export const WHOLE_COLUMNS: string = `e.version, e.at, e.pos, e.role, e.mid, e.turn_id, e.parent_id,
  e.notes, e.payload`;

/** What a message is made from: the row that has its place (or queued it) as `e`, and the row with its content as
 *  `b` where that is another one. */
export const MESSAGE_COLUMNS: string = `${WHOLE_COLUMNS}, b.op, b.at, b.payload`;

export const MESSAGE_TABLES: string =
  "skein_entry e LEFT JOIN skein_entry b ON b.tid = e.tid AND b.version = e.body";

/** Where the columns stand that others look at too. */
export const POSITION = 2;
export const ROLE = 3;
export const MESSAGE_ID = 4;
export const TURN_ID = 5;
export const PARENT_ID = 6;
/** How many columns a message takes that came whole. */
export const WHOLE_WIDTH = 9;
const CONTENT_OP = 9;
const CONTENT = 11;

/** A stored payload of a message: the body without id and role, a status that is not `completed`, and marks. */
interface StoredBody extends Partial<MessageBody> {
  readonly redacted?: true;
  /** What the entry says beside the message. */
  entry?: object;
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** The stored JSON in a row of `MESSAGE_COLUMNS`. */
export function jsonOfRow(row: Row): readonly string[] {
  return [textOrNullAt(row, 8) ?? "", textOrNullAt(row, CONTENT) ?? ""];
}

/** The message in a row of `MESSAGE_COLUMNS` or `WHOLE_COLUMNS`. */
export function messageOfRow(
  row: Row,
  threadId: string,
  parentId: string | null,
  depth: number | null,
): Message {
  const wasQueued = row[CONTENT_OP] === OP_CODES["message.enqueue"];
  // Filled in rather than copied: reading a long thread is mostly this function.
  const message: Writable<Partial<Message>> & { entry?: object } = bodyOfRow(row, wasQueued);
  const mid = textAt(row, MESSAGE_ID);
  if (message.entry !== undefined) delete message.entry;
  const notes = textOrNullAt(row, 7);
  if (notes !== null) message.metadata = parseStored<JsonObject>(notes);
  message.id = mid;
  message.role = roleOf(row[ROLE]) ?? "user";
  message.status = wasQueued ? "completed" : (message.status ?? "completed");
  message.parts ??= [];
  message.threadId = threadId;
  message.parentId = parentId;
  message.turnId = textOrNullAt(row, TURN_ID) ?? mid;
  message.depth = depth;
  message.version = numberAt(row, 0);
  message.createdAt = numberAt(row, wasQueued ? 10 : 1);
  // Every field that a message must have was filled in.
  return message as Message;
}

function bodyOfRow(row: Row, wasQueued: boolean): StoredBody {
  const other = row.length > CONTENT ? textOrNullAt(row, CONTENT) : null;
  if (wasQueued) return parseStored<StoredBody>(other ?? "{}");
  const own = parseStored<StoredBody>(textOrNullAt(row, 8) ?? "{}");
  return other === null ? own : Object.assign(own, parseStored<StoredBody>(other));
}

/** The columns behind `MESSAGE_COLUMNS` that say where a message stands: `home` is the thread that wrote it, `k` the one
 *  that asks. */
export const FOUND_COLUMNS: string = `${MESSAGE_COLUMNS}, e.tid, e.seg, e.pending, b.pending, e.body, e.given, home.id,
  coalesce((SELECT s.start_depth FROM skein_segment s WHERE s.tid = e.tid AND s.number = e.seg), 0),
  (SELECT p.mid FROM skein_entry p WHERE p.tid = e.tid AND p.seg = e.seg AND p.pos = e.pos - 1),
  CASE WHEN e.tid = k.tid THEN CASE WHEN e.released IS NULL THEN 2 ELSE 0 END
    WHEN EXISTS (SELECT 1 FROM skein_inclusion i WHERE ${INCLUDES} AND i.tid = k.tid) THEN 1 ELSE 0 END,
  e.released`;

/** A message that was looked up, with its place; content only on demand. */
export interface MessageRow {
  readonly tid: number;
  readonly version: number;
  readonly seg: number | null;
  readonly pos: number | null;
  readonly turnId: string;
  readonly pending: readonly string[];
  /** Taken out of the queue; a message that got a place has another row. */
  readonly isDequeued: boolean;
  /** Whether the caller chose its id. */
  readonly isGiven: boolean;
  /** Id of the thread that wrote it. */
  readonly threadId: string;
  /** `null` while queued. */
  readonly depth: number | null;
  readonly parentId: string | null;
  /** Whether the thread that asks wrote it, or is a fork that includes it. */
  readonly holding: "own" | "included" | "none";
  /** Whether the thread that wrote it let go of it. */
  readonly isReleased: boolean;
  readonly row: Row;
}

export function messageRowOf(row: Row): MessageRow {
  // The commit of an opened message has the newest list.
  const isCommitted = row[CONTENT_OP] === OP_CODES["message.commit"];
  const pending = textOrNullAt(row, isCommitted ? 15 : 14);
  const pos = numberOrNullAt(row, POSITION);
  return {
    tid: numberAt(row, 12),
    version: numberAt(row, 0),
    seg: numberOrNullAt(row, 13),
    pos,
    turnId: textOrNullAt(row, TURN_ID) ?? textAt(row, MESSAGE_ID),
    pending: pending === null ? [] : parseStored<readonly string[]>(pending),
    isDequeued: pos === null && row[16] !== null,
    isGiven: row[17] !== null,
    threadId: textAt(row, 18),
    depth: pos === null ? null : numberAt(row, 19) + pos - 1,
    // Left out where the parent is the message before.
    parentId: textOrNullAt(row, PARENT_ID) ?? textOrNullAt(row, 20),
    holding: HOLDINGS[numberAt(row, 21)] ?? "none",
    isReleased: row[22] !== null,
    row,
  };
}

/** Version of the entry with the content, where that is another one. Of a queued message that was discarded: its own. */
export function bodyVersionOf({ row }: MessageRow): number | null {
  return numberOrNullAt(row, 16);
}

const HOLDINGS = ["none", "included", "own"] as const;
