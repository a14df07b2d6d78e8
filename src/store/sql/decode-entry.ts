import { ENTRY_SCHEMA } from "../../model/entry.ts";
import type { Entry } from "../../model/entry.ts";
import { MAIN } from "../../model/thread.ts";
import { numberAt, numberOrNullAt, parseStored, textAt, textOrNullAt } from "./cell.ts";
import type { Row } from "./cell.ts";
import { opOf, roleOf } from "./codes.ts";

/** What an entry is made from: its row, its message's segment and the thread that this continues. */
export const READ_COLUMNS: string = `e.version, e.op, e.at, e.seg, e.pos, e.role, e.op_schema, e.mid, e.turn_id,
  e.parent_id, e.op_id, e.actor, e.branch, e.pending, e.payload, e.tid,
  s.start_depth, s.parent_number, s.parent_position, origin.id, home.oldest`;

export const ENTRY_TABLES: string = `skein_entry e JOIN skein_thread home ON home.tid = e.tid
  LEFT JOIN skein_segment s ON s.tid = e.tid AND s.number = e.seg
  LEFT JOIN skein_thread origin ON origin.tid = s.parent_tid`;

/** Messages that a trimmed thread kept stand before its log. */
export const IN_LOG = "(home.oldest IS NULL OR e.version >= home.oldest)";

/** Where the columns stand that others look at too. */
export const VERSION = 0;
export const SEGMENT = 3;
export const POSITION = 4;
export const MESSAGE_ID = 7;
export const OP_ID = 10;
export const PAYLOAD = 14;
export const TID = 15;
export const OLDEST = 20;

interface Reading {
  readonly threadId: string;
  readonly messages: ReadonlyMap<string, string>;
}

/** The entry in a row of `READ_COLUMNS`.
 *  @param opId  of the entry, which its row may leave out
 *  @param messages  ids of messages by place, with the ones before those of the page */
export function decodeEntry(
  row: Row,
  threadId: string,
  opId: string,
  messages: ReadonlyMap<string, string>,
): Entry {
  const op = opOf(row[1]);
  const entry = {
    threadId,
    version: numberAt(row, VERSION),
    ...(op === undefined
      ? parseStored<Pick<Entry, "op" | "data">>(textAt(row, PAYLOAD))
      : { op, data: dataOf(row, op, { threadId, messages }) }),
    actor: textAt(row, 11),
    at: numberAt(row, 2),
    opId,
    schema: numberOrNullAt(row, 6) ?? ENTRY_SCHEMA,
  };
  // The union of ops cannot be rebuilt from a string; unknown ops are legal in it anyway.
  return entry as unknown as Entry;
}

export function nameOfPlace(segment: number, position: number): string {
  return `${segment}:${position}`;
}

function dataOf(row: Row, op: string, reading: Reading): object {
  const payload = textOrNullAt(row, PAYLOAD);
  const { redacted: _redacted, ...data } = parseStored<Record<string, unknown>>(payload ?? "{}");
  const branch = textOrNullAt(row, 12) ?? MAIN;
  switch (op) {
    case "message.append":
    case "message.open": {
      const { entry, ...body } = data;
      return {
        message: messageOf(row, body),
        place: placeOf(row, branch, reading),
        ...entryFields(entry),
      };
    }
    case "message.enqueue": {
      const { entry, ...body } = data;
      return { message: messageOf(row, body), branch, ...entryFields(entry) };
    }
    case "message.dequeue": {
      const { placeBranch = branch, ...extra } = data;
      const dequeued = { messageId: textAt(row, MESSAGE_ID), branch, ...extra };
      if (row[POSITION] === null) return dequeued;
      return { ...dequeued, place: placeOf(row, String(placeBranch), reading) };
    }
    case "message.commit":
      return { messageId: textAt(row, MESSAGE_ID), branch, ...data, pending: pendingOf(row) };
    case "message.annotate":
    case "message.redact":
      return { messageId: textAt(row, MESSAGE_ID), ...data };
    default:
      return data;
  }
}

function messageOf(row: Row, body: object): object {
  return { status: "completed", ...body, id: textAt(row, MESSAGE_ID), role: roleOf(row[5]) };
}

function entryFields(fields: unknown): object {
  return typeof fields === "object" && fields !== null ? fields : {};
}

function pendingOf(row: Row): readonly string[] {
  const pending = textOrNullAt(row, 13);
  return pending === null ? [] : parseStored<readonly string[]>(pending);
}

function placeOf(row: Row, branch: string, { threadId, messages }: Reading): object {
  const number = numberAt(row, SEGMENT);
  const position = numberAt(row, POSITION);
  const before = messages.get(nameOfPlace(number, position - 1)) ?? null;
  const place = {
    branch,
    segment: { threadId, number },
    position,
    parentId: textOrNullAt(row, 9) ?? before,
    depth: (numberOrNullAt(row, 16) ?? 0) + position - 1,
    turnId: textOrNullAt(row, 8) ?? textAt(row, MESSAGE_ID),
    pending: pendingOf(row),
  };
  const origin = textOrNullAt(row, 19);
  if (position > 1 || origin === null) return place;
  const segment = { threadId: origin, number: numberAt(row, 17) };
  return { ...place, continues: { segment, position: numberAt(row, 18) } };
}
