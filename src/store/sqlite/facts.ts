import { preview } from "../../model/title.ts";
import type { LastMessage } from "../../model/thread.ts";
import type { Facts, GivenId, MessageFact, Need } from "../facts.ts";
import type { ThreadKey } from "../key.ts";
import { numberAt, textAt } from "../sql/cell.ts";
import { roleOf } from "../sql/codes.ts";
import type { Connection } from "./connection.ts";
import { depthOf, findMessage } from "./find-message.ts";
import {
  MESSAGE_ID,
  MESSAGE_TABLES,
  PLACED_COLUMNS,
  ROLE,
  messageOfRow,
  messageRowOf,
} from "./message-row.ts";
import type { MessageRow } from "./message-row.ts";
import { holdersOf } from "./holders.ts";
import { isOnPath, segmentAt } from "./segments.ts";
import type { Point } from "./segments.ts";
import type { ThreadIds } from "./thread-ids.ts";

const MAX_ANCESTORS = 50;

export function loadFacts(
  connection: Connection,
  ids: ThreadIds,
  key: ThreadKey,
  needs: readonly Need[],
): Facts {
  const messages: [string, MessageFact | null][] = [];
  const given: [string, GivenId | null][] = [];
  let operation: Facts["operation"] = null;
  for (const need of needs) {
    if (need.kind === "message") messages.push([need.id, messageFact(connection, ids, key, need)]);
    else if (need.kind === "operation") operation = operationFact(connection, key.tenant, need);
    else for (const id of need.ids) given.push([id, givenFact(connection, key.tenant, id)]);
  }
  // An id may be `__proto__`, which fromEntries takes as a key like any other.
  return { messages: Object.fromEntries(messages), given: Object.fromEntries(given), operation };
}

function messageFact(
  connection: Connection,
  ids: ThreadIds,
  key: ThreadKey,
  need: Extract<Need, { kind: "message" }>,
): MessageFact | null {
  const tid = ids.find(key.tenant, key.id);
  if (tid === undefined) return null;
  const found = findMessage(connection, key.tenant, tid, need.id);
  if (found === undefined) return null;
  const depth = depthOf(connection, found);
  const before = rowBefore(connection, found);
  const parentId = before === undefined ? null : textAt(before.row, MESSAGE_ID);
  const message = messageOfRow(found.row, "", parentId, depth);
  const { id, role, status, redacted, turnId } = message;
  const holders = need.holders === true && { holders: holdersOf(connection, found) };
  const fact = { id, role, status, isRedacted: redacted === true, ...holders };
  const point = pointOf(found);
  if (point === null || depth === null)
    return { ...fact, place: null, parent: null, isOnPath: false, lastMessage: null };
  const segment = { threadId: ids.idOf(point.tid), number: point.number };
  const { position } = point;
  const { pending } = found;
  return {
    ...fact,
    place: { segment, position, parentId, depth, turnId, pending },
    parent: before === undefined ? null : parentFact(connection, ids, before),
    isOnPath: need.on !== undefined && isBefore(connection, ids, key.tenant, point, need.on),
    lastMessage: lastMessageAt(connection, found),
  };
}

function pointOf({ tid, seg, pos }: MessageRow): Point | null {
  return seg === null || pos === null ? null : { tid, number: seg, position: pos };
}

function isBefore(
  connection: Connection,
  ids: ThreadIds,
  tenant: string,
  point: Point,
  { segment, position }: NonNullable<Extract<Need, { kind: "message" }>["on"]>,
): boolean {
  const tid = ids.find(tenant, segment.threadId);
  return (
    tid !== undefined && isOnPath(connection, point, { tid, number: segment.number, position })
  );
}

function parentFact(
  connection: Connection,
  ids: ThreadIds,
  before: MessageRow,
): MessageFact["parent"] {
  const place = pointOf(before);
  if (place === null) return null;
  return {
    segment: { threadId: ids.idOf(place.tid), number: place.number },
    position: place.position,
    turnId: before.turnId,
    lastMessage: lastMessageAt(connection, before),
  };
}

/** The newest text of a user or an assistant at or before a message. Read one by one: usually the first one will do. */
function lastMessageAt(connection: Connection, found: MessageRow): LastMessage | null {
  let next: MessageRow | undefined = found;
  for (let looked = 0; next !== undefined && looked <= MAX_ANCESTORS; looked++) {
    const said = lastMessageOf(next);
    if (said !== null) return said;
    next = rowBefore(connection, next);
  }
  return null;
}

/** The message before on the path. */
function rowBefore(connection: Connection, { tid, seg, pos }: MessageRow): MessageRow | undefined {
  if (seg === null || pos === null) return undefined;
  const before =
    pos > 1 ? { tid, number: seg, position: pos - 1 } : segmentAt(connection, tid, seg).parent;
  if (before === null) return undefined;
  const row = connection
    .statement(
      `SELECT ${PLACED_COLUMNS} FROM ${MESSAGE_TABLES} WHERE e.tid = ? AND e.seg = ? AND e.pos = ?`,
    )
    .row(before.tid, before.number, before.position);
  return row && messageRowOf(row);
}

function lastMessageOf(found: MessageRow): LastMessage | null {
  const role = roleOf(found.row[ROLE]);
  if (role !== "user" && role !== "assistant") return null;
  const { id, parts, createdAt } = messageOfRow(found.row, "", null, null);
  const text = preview(parts);
  return text === null ? null : { id, role, text, at: createdAt };
}

/** Who uses an id: as a given one, or as one that the engine made. */
export function givenFact(connection: Connection, tenant: string, id: string): GivenId | null {
  const row =
    connection
      .statement(
        `SELECT t.id, g.version FROM skein_given_id g JOIN skein_thread t ON t.tid = g.tid
         WHERE g.tenant = ? AND g.id = ?`,
      )
      .row(tenant, id) ??
    connection
      .statement(
        `SELECT t.id, e.version FROM skein_entry e JOIN skein_thread t ON t.tid = e.tid
         WHERE e.mid = ? AND e.role IS NOT NULL AND e.given IS NULL AND t.tenant = ? LIMIT 1`,
      )
      .row(id, tenant);
  if (row === undefined) return null;
  return { key: { tenant, id: textAt(row, 0) }, version: numberAt(row, 1) };
}

function operationFact(
  connection: Connection,
  tenant: string,
  { user, opId }: Extract<Need, { kind: "operation" }>,
): Facts["operation"] {
  const row = connection
    .statement(
      `SELECT t.id, o.digest, o.from_version, o.to_version FROM skein_operation o JOIN skein_thread t ON t.tid = o.tid
       WHERE o.tenant = ? AND o.user_id = ? AND o.op_id = ?`,
    )
    .row(tenant, user, opId);
  if (row === undefined) return null;
  return {
    key: { tenant, id: textAt(row, 0) },
    user,
    opId,
    digest: textAt(row, 1),
    fromVersion: numberAt(row, 2),
    toVersion: numberAt(row, 3),
  };
}
