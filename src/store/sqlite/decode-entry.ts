import { ENTRY_SCHEMA } from "../../model/entry.ts";
import type { Entry } from "../../model/entry.ts";
import { MAIN } from "../../model/thread.ts";
import { byteBound } from "../byte-bound.ts";
import { numberAt, numberOrNullAt, parseStored, textAt, textOrNullAt } from "../sql/cell.ts";
import type { Cell, Row } from "../sql/cell.ts";
import { opOf, roleOf } from "../sql/codes.ts";
import { AS_BEFORE } from "../sql/encode-entry.ts";
import type { Connection } from "./connection.ts";
import { messageIdAt, segmentAt } from "./segments.ts";
import type { Segment } from "./segments.ts";
import type { ThreadIds } from "./thread-ids.ts";

/** Entries of a thread behind a version, exactly as they were committed, but for redacted payloads.
 *  @param maxBytes  of payload; the first entry is answered whatever its size */
export function listEntries(
  connection: Connection,
  ids: ThreadIds,
  tid: number,
  after: number,
  limit: number,
  maxBytes?: number,
): readonly Entry[] {
  const statement = connection.statement(
    `SELECT version, op, at, seg, pos, role, op_schema, mid, turn_id, parent_id, op_id, actor, branch, pending, payload
       FROM skein_entry WHERE tid = ? AND version > ? ORDER BY version LIMIT ?`,
  );
  const rows =
    maxBytes === undefined
      ? statement.rows(tid, after, limit)
      : rowsWithin(statement.each(tid, after, limit), maxBytes);
  const reading: Reading = {
    connection,
    ids,
    tid,
    threadId: ids.idOf(tid),
    messages: new Map(),
    segments: new Map(),
  };
  let opId: Cell = null;
  return rows.map((row) => {
    opId =
      row[10] === AS_BEFORE
        ? (opId ?? opIdBefore(reading, numberAt(row, 0)))
        : (row[10] ?? row[7] ?? null);
    return entryOf(reading, row, String(opId));
  });
}

function rowsWithin(stepped: Iterable<Row>, maxBytes: number): readonly Row[] {
  const fits = byteBound(maxBytes);
  const rows: Row[] = [];
  for (const row of stepped) {
    if (!fits(textOrNullAt(row, PAYLOAD) ?? "")) break;
    rows.push(row);
  }
  return rows;
}

const PAYLOAD = 14;

interface Reading {
  readonly connection: Connection;
  readonly ids: ThreadIds;
  readonly tid: number;
  readonly threadId: string;
  /** Ids of messages by place, as far as the page has them. */
  readonly messages: Map<string, string>;
  readonly segments: Map<number, Segment>;
}

/** An op id that is "as before" at the start of a page. */
function opIdBefore({ connection, tid }: Reading, version: number): Cell {
  const row = connection
    .statement(
      `SELECT op_id, mid FROM skein_entry WHERE tid = ? AND version < ? AND (op_id IS NULL OR op_id <> '${AS_BEFORE}')
       ORDER BY version DESC LIMIT 1`,
    )
    .row(tid, version);
  return row?.[0] ?? row?.[1] ?? null;
}

function entryOf(reading: Reading, row: Row, opId: string): Entry {
  const op = opOf(row[1]);
  const entry = {
    threadId: reading.threadId,
    version: numberAt(row, 0),
    ...(op === undefined
      ? parseStored<Pick<Entry, "op" | "data">>(textAt(row, PAYLOAD))
      : { op, data: dataOf(reading, row, op) }),
    actor: textAt(row, 11),
    at: numberAt(row, 2),
    opId,
    schema: numberOrNullAt(row, 6) ?? ENTRY_SCHEMA,
  };
  // The union of ops cannot be rebuilt from a string; unknown ops are legal in it anyway.
  return entry as unknown as Entry;
}

function dataOf(reading: Reading, row: Row, op: string): object {
  const payload = textOrNullAt(row, PAYLOAD);
  const { redacted: _redacted, ...data } = parseStored<Record<string, unknown>>(payload ?? "{}");
  const branch = textOrNullAt(row, 12) ?? MAIN;
  switch (op) {
    case "message.append":
    case "message.open": {
      const { entry, ...body } = data;
      return {
        message: messageOf(row, body),
        place: placeOf(reading, row, branch),
        ...entryFields(entry),
      };
    }
    case "message.enqueue": {
      const { entry, ...body } = data;
      return { message: messageOf(row, body), branch, ...entryFields(entry) };
    }
    case "message.dequeue": {
      const { placeBranch = branch, ...extra } = data;
      const dequeued = { messageId: textAt(row, 7), branch, ...extra };
      if (row[4] === null) return dequeued;
      return { ...dequeued, place: placeOf(reading, row, String(placeBranch)) };
    }
    case "message.commit":
      return { messageId: textAt(row, 7), branch, ...data, pending: pendingOf(row) };
    case "message.annotate":
    case "message.redact":
      return { messageId: textAt(row, 7), ...data };
    default:
      return data;
  }
}

function messageOf(row: Row, body: object): object {
  return { status: "completed", ...body, id: textAt(row, 7), role: roleOf(row[5]) };
}

function entryFields(fields: unknown): object {
  return typeof fields === "object" && fields !== null ? fields : {};
}

function pendingOf(row: Row): readonly string[] {
  const pending = textOrNullAt(row, 13);
  return pending === null ? [] : parseStored<readonly string[]>(pending);
}

function placeOf(reading: Reading, row: Row, branch: string): object {
  const { ids, threadId, messages } = reading;
  const number = numberAt(row, 3);
  const position = numberAt(row, 4);
  const mid = textAt(row, 7);
  messages.set(`${number}:${position}`, mid);
  const { startDepth, parent } = segmentIn(reading, number);
  const place = {
    branch,
    segment: { threadId, number },
    position,
    parentId: position === 1 ? textOrNullAt(row, 9) : messageBefore(reading, number, position),
    depth: startDepth + position - 1,
    turnId: textOrNullAt(row, 8) ?? mid,
    pending: pendingOf(row),
  };
  if (position > 1 || parent === null) return place;
  const segment = { threadId: ids.idOf(parent.tid), number: parent.number };
  return { ...place, continues: { segment, position: parent.position } };
}

function segmentIn({ connection, tid, segments }: Reading, number: number): Segment {
  let segment = segments.get(number);
  if (segment === undefined) {
    segment = segmentAt(connection, tid, number);
    segments.set(number, segment);
  }
  return segment;
}

function messageBefore(reading: Reading, number: number, position: number): string | null {
  const known = reading.messages.get(`${number}:${position - 1}`);
  if (known !== undefined) return known;
  return messageIdAt(reading.connection, { tid: reading.tid, number, position: position - 1 });
}
