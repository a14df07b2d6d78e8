import { SkeinError } from "../../model/error.ts";
import { threadOf } from "../../model/thread.ts";
import type { Thread } from "../../model/thread.ts";
import type { Reader } from "../key.ts";
import type { FeedEvent, FeedEventType, FeedPage, FeedQuery } from "../query.ts";
import { numberAt } from "../sql/cell.ts";
import { OP_CODES } from "../sql/codes.ts";
import type { Connection } from "./connection.ts";
import { HEAD_COLUMNS } from "../sql/head-codec.ts";
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

/** Decided inside SQLite, so that rows which the reader may not see cost little. */
const VISIBLE_ROWS = `SELECT e.lsn, e.tid, e.version, e.op
  FROM skein_entry e CROSS JOIN skein_thread t ON t.tid = e.tid
  WHERE e.lsn > ?1 AND e.lsn <= ?2 AND t.tenant = ?3 AND ${visibleTo("?4")} ORDER BY e.lsn`;

/** Commits in their order. Several of one thread and type in a page are one event, at the place of the last one, so
 *  that going on from any event's cursor loses nothing. */
export function listFeed(
  connection: Connection,
  identity: StoreIdentity,
  reader: Reader,
  { after, limit }: FeedQuery,
): FeedPage {
  let lsn = after === null ? 0 : parseCursor(connection, identity, after);
  const last = lastLsn(connection);
  const until = Math.min(last, lsn + MAX_ROWS);
  const threads = new Map<number, Thread>();
  const events = new Map<string, FeedEvent>();
  const pageOf = (isAtEnd: boolean): FeedPage => ({
    events: [...events.values()],
    cursor: cursorOf(identity, lsn),
    isAtEnd,
  });
  const rows = connection.statement(VISIBLE_ROWS).each(lsn, until, reader.tenant, reader.user);
  for (const row of rows) {
    const tid = numberAt(row, 1);
    const type = TYPES.get(row[3]) ?? "updated";
    const name = `${tid} ${type}`;
    const isNew = !events.has(name);
    if (isNew && events.size >= limit) return pageOf(false);
    lsn = numberAt(row, 0);
    const thread = threadIn(connection, tid, threads);
    // Removed first, so that it moves to the end.
    events.delete(name);
    const cursor = cursorOf(identity, lsn);
    events.set(name, { cursor, type, threadId: thread.id, version: numberAt(row, 2), thread });
  }
  lsn = until;
  return pageOf(until === last);
}

/** Log rows behind a cursor: about what the rest of the feed costs. */
export function feedLag(
  connection: Connection,
  identity: StoreIdentity,
  after: string | null,
): number {
  const lsn = after === null ? 0 : parseCursor(connection, identity, after);
  return lastLsn(connection) - lsn;
}

export function feedEnd(connection: Connection, identity: StoreIdentity): string {
  return cursorOf(identity, lastLsn(connection));
}

function threadIn(connection: Connection, tid: number, known: Map<number, Thread>): Thread {
  let thread = known.get(tid);
  if (thread === undefined) {
    const row = connection
      .statement(
        `SELECT ${HEAD_COLUMNS} FROM skein_thread t JOIN skein_head h ON h.tid = t.tid WHERE t.tid = ?`,
      )
      .row(tid);
    thread = threadOf(headOf(connection, row ?? []));
    known.set(tid, thread);
  }
  return thread;
}

export function lastLsn(connection: Connection): number {
  return Number(connection.value("SELECT ifnull(max(lsn), 0) FROM skein_entry"));
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
