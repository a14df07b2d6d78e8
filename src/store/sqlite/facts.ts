import { preview } from "../../model/title.ts";
import type { LastMessage } from "../../model/thread.ts";
import type { Facts, GivenId, MessageFact, Need } from "../facts.ts";
import type { ThreadKey } from "../key.ts";
import { numberAt, textAt } from "./cell.ts";
import { roleOf } from "./codes.ts";
import type { Connection } from "./connection.ts";
import { depthOf, findMessage, messageAt } from "./find-message.ts";
import { MESSAGE_TABLES, PLACED_COLUMNS, ROLE, messageOfRow, messageRowOf } from "./message-row.ts";
import type { MessageRow } from "./message-row.ts";
import { isOnPath, stretchesBack } from "./segments.ts";
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
  const { id, role, status, redacted, parentId, turnId } = messageAt(connection, ids, found);
  const fact = { id, role, status, isRedacted: redacted === true };
  const point = pointOf(found);
  if (point === null)
    return { ...fact, place: null, parent: null, isOnPath: false, lastMessage: null };
  return {
    ...fact,
    place: {
      segment: { threadId: ids.idOf(point.tid), number: point.number },
      position: point.position,
      parentId,
      depth: depthOf(connection, found) ?? 0,
      turnId,
      pending: found.pending,
    },
    parent: parentFact(connection, ids, point),
    isOnPath: need.on !== undefined && isBefore(connection, ids, key.tenant, point, need.on),
    lastMessage: lastMessageAt(connection, point),
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

function parentFact(connection: Connection, ids: ThreadIds, point: Point): MessageFact["parent"] {
  // The path that ends at a message has its parent second.
  const [, parent] = pathBack(connection, point, 2);
  const place = parent && pointOf(parent);
  if (parent === undefined || !place) return null;
  return {
    segment: { threadId: ids.idOf(place.tid), number: place.number },
    position: place.position,
    turnId: parent.turnId,
    lastMessage: lastMessageAt(connection, place),
  };
}

/** The newest text of a user or an assistant at or before a place. */
function lastMessageAt(connection: Connection, end: Point): LastMessage | null {
  for (const found of pathBack(connection, end, 1 + MAX_ANCESTORS)) {
    const said = lastMessageOf(found);
    if (said !== null) return said;
  }
  return null;
}

/** Rows of a path from its end towards the root, read one by one because usually the first one will do. */
function* pathBack(connection: Connection, end: Point, limit: number): Generator<MessageRow> {
  let left = limit;
  for (const { tid, number, position } of stretchesBack(connection, end))
    for (let at = position; at > 0; at -= 1) {
      if (left === 0) return;
      left -= 1;
      const row = connection
        .statement(
          `SELECT ${PLACED_COLUMNS} FROM ${MESSAGE_TABLES}
           WHERE e.tid = ? AND e.seg = ? AND e.pos = ?`,
        )
        .row(tid, number, at);
      if (row !== undefined) yield messageRowOf(row);
    }
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
        `SELECT t.id, g.version FROM given_id g JOIN thread t ON t.tid = g.tid
         WHERE g.tenant = ? AND g.id = ?`,
      )
      .row(tenant, id) ??
    connection
      .statement(
        `SELECT t.id, e.version FROM entry e JOIN thread t ON t.tid = e.tid
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
      `SELECT t.id, o.digest, o.from_version, o.to_version FROM operation o JOIN thread t ON t.tid = o.tid
       WHERE o.tenant = ? AND o.user = ? AND o.op_id = ?`,
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
