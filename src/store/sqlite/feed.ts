import { SkeinError } from "../../model/error.ts";
import { threadOf } from "../../model/thread.ts";
import type { Thread } from "../../model/thread.ts";
import type { Reader } from "../key.ts";
import type { FeedEvent, FeedEventType, FeedPage, FeedQuery } from "../query.ts";
import { numberAt } from "./cell.ts";
import { OP_CODES } from "./codes.ts";
import type { Connection } from "./connection.ts";
import { HEAD_COLUMNS } from "./head-codec.ts";
import { headOf, visibleTo } from "./load-heads.ts";
import type { StoreIdentity } from "./identity.ts";

const TYPES: ReadonlyMap<unknown, FeedEventType> = new Map([
  [OP_CODES["thread.create"], "created"],
  [OP_CODES["thread.archive"], "archived"],
  [OP_CODES["thread.unarchive"], "unarchived"],
  [OP_CODES["thread.delete"], "deleted"],
  [OP_CODES["thread.undelete"], "undeleted"],
]);

/** Log rows that one page looks at, so that a reader who may see little does not hold the store for long. */
const MAX_ROWS = 5_000;
const ROWS_AT_ONCE = 500;

/** Commits in their order. Several of one thread and type in a page are one event, at the place of the last one, so
 *  that going on from any event's cursor loses nothing. */
export function listFeed(
  connection: Connection,
  identity: StoreIdentity,
  reader: Reader,
  { after, limit }: FeedQuery,
): FeedPage {
  let lsn = after === null ? 0 : parseCursor(connection, identity, after);
  const visible = new Map<number, Thread | null>();
  const events = new Map<string, FeedEvent>();
  const pageOf = (isAtEnd: boolean): FeedPage => ({
    events: [...events.values()],
    cursor: cursorOf(identity, lsn),
    isAtEnd,
  });
  for (let looked = 0; looked < MAX_ROWS; looked += ROWS_AT_ONCE) {
    const rows = connection
      .statement("SELECT lsn, tid, version, op FROM entry WHERE lsn > ? ORDER BY lsn LIMIT ?")
      .rows(lsn, ROWS_AT_ONCE);
    for (const row of rows) {
      const tid = numberAt(row, 1);
      const type = TYPES.get(row[3]) ?? "updated";
      const name = `${tid} ${type}`;
      const isNew = !events.has(name);
      if (isNew && events.size >= limit) return pageOf(false);
      lsn = numberAt(row, 0);
      const thread = visibleThread(connection, reader, tid, visible);
      if (thread === null) continue;
      // Removed first, so that it moves to the end.
      events.delete(name);
      const cursor = cursorOf(identity, lsn);
      events.set(name, { cursor, type, threadId: thread.id, version: numberAt(row, 2), thread });
    }
    if (rows.length < ROWS_AT_ONCE) return pageOf(true);
  }
  return pageOf(false);
}

export function feedEnd(connection: Connection, identity: StoreIdentity): string {
  return cursorOf(identity, lastLsn(connection));
}

function visibleThread(
  connection: Connection,
  { tenant, user }: Reader,
  tid: number,
  known: Map<number, Thread | null>,
): Thread | null {
  let thread = known.get(tid);
  if (thread === undefined) {
    const row = connection
      .statement(
        `SELECT ${HEAD_COLUMNS} FROM thread t JOIN head h ON h.tid = t.tid
         WHERE t.tid = ?1 AND t.tenant = ?2 AND ${visibleTo("?3")}`,
      )
      .row(tid, tenant, user);
    thread = row === undefined ? null : threadOf(headOf(connection, row));
    known.set(tid, thread);
  }
  return thread;
}

export function lastLsn(connection: Connection): number {
  return Number(connection.value("SELECT ifnull(max(lsn), 0) FROM entry"));
}

function cursorOf({ storeId, epoch }: StoreIdentity, lsn: number): string {
  return `${storeId}.${epoch}.${lsn}`;
}

function parseCursor(connection: Connection, identity: StoreIdentity, cursor: string): number {
  const [storeId, epoch, position = "", ...rest] = cursor.split(".");
  const isOurs = storeId === identity.storeId && epoch === identity.epoch && rest.length === 0;
  const lsn = Number(position);
  if (!isOurs || !/^\d{1,15}$/u.test(position) || lsn > lastLsn(connection))
    throw new SkeinError("invalid_cursor", "The cursor is not one of this store's feed.", {
      field: "after",
    });
  return lsn;
}
