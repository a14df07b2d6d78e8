import { SkeinError } from "../../model/error.ts";
import { threadOf } from "../../model/thread.ts";
import type { Reader } from "../key.ts";
import type { FeedEvent, FeedEventType, FeedPage, FeedQuery } from "../query.ts";
import { numberAt } from "./cell.ts";
import type { Row } from "./cell.ts";
import { OP_CODES } from "./codes.ts";
import type { Dialect } from "./dialect.ts";
import type { StoreIdentity } from "./identity.ts";
import { headsAt, visibleTo } from "./load-heads.ts";
import { row, rows } from "./plan.ts";
import type { Plan } from "./plan.ts";

const TYPES: ReadonlyMap<unknown, FeedEventType> = new Map([
  [OP_CODES["thread.create"], "created"],
  [OP_CODES["thread.archive"], "archived"],
  [OP_CODES["thread.unarchive"], "unarchived"],
  [OP_CODES["thread.delete"], "deleted"],
  [OP_CODES["thread.undelete"], "undeleted"],
]);

/** Log rows that one page looks at, so that a reader who may see little does not hold the store for long. */
const MAX_ROWS = 5_000;

/** A place in the order of commits, as the dialect counts it. */
type Position = readonly number[];

interface Seen {
  readonly position: Position;
  readonly type: FeedEventType;
  readonly tid: number;
  readonly version: number;
  readonly since: number;
}

/** Commits in their order. Several of one thread and type in a page are one event, at the place of the last one, so
 *  that going on from any event's cursor loses nothing. One statement when there is nothing new, usually two; each
 *  stands by itself. */
export function* listFeed(
  dialect: Dialect,
  identity: StoreIdentity,
  reader: Reader,
  { after, limit }: FeedQuery,
): Plan<FeedPage> {
  let position = after === null ? startOf(dialect) : parseCursor(dialect, identity, after);
  const seen = new Map<string, Seen>();
  let isFull = false;
  let isAtEnd = false;
  let isUnsettled = false;
  for (let looked = 0; !isFull && !isAtEnd && looked < MAX_ROWS;) {
    // More and more, because who may see little gets little out of many.
    const asked = Math.min(Math.max(100, 4 * limit, 3 * looked), MAX_ROWS - looked);
    const look = yield* lookOn(dialect, reader, position, asked);
    if (look.isAhead) throw invalidCursor();
    for (const event of look.seen) {
      const name = `${event.tid} ${event.type}`;
      if (!seen.has(name) && seen.size >= limit) {
        isFull = true;
        break;
      }
      const since = seen.get(name)?.since ?? event.since;
      // Removed first, so that it moves to the end.
      seen.delete(name);
      seen.set(name, { ...event, since });
      position = event.position;
    }
    if (!isFull) position = look.end;
    looked += look.rows;
    isAtEnd = !isFull && look.rows < asked;
    isUnsettled = isAtEnd && compare(look.newest, position) > 0;
  }
  const events = yield* eventsOf(identity, [...seen.values()]);
  return {
    events,
    cursor: cursorOf(identity, position),
    isAtEnd,
    ...(isUnsettled && { isUnsettled }),
  };
}

/** The cursor behind the newest commit. */
export function* feedEnd(dialect: Dialect, identity: StoreIdentity): Plan<string> {
  const { position, settled } = dialect.feed;
  const newest = yield* row(
    `SELECT ${position.join(", ")} FROM skein_entry WHERE ${settled}
     ORDER BY ${position.map((column) => `${column} DESC`).join(", ")} LIMIT 1`,
  );
  const end =
    newest === undefined ? startOf(dialect) : position.map((_, at) => numberAt(newest, at));
  return cursorOf(identity, end);
}

/** Changes with every commit, and when commits get their place in the order. */
export function* logMark(dialect: Dialect): Plan<string> {
  const { position, settled } = dialect.feed;
  const columns = position.join(", ");
  const backwards = position.map((column) => `${column} DESC`).join(", ");
  const marks = yield* rows(
    `SELECT * FROM (SELECT ${columns} FROM skein_entry WHERE ${settled} ORDER BY ${backwards} LIMIT 1) settled
     UNION ALL
     SELECT * FROM (SELECT ${columns} FROM skein_entry ORDER BY ${backwards} LIMIT 1) newest`,
  );
  return JSON.stringify(marks);
}

interface Look {
  /** What the reader may see, in order. */
  readonly seen: readonly Seen[];
  /** How many rows there were, up to those asked for, and where the last of them is. */
  readonly rows: number;
  readonly end: Position;
  /** Whether the start is behind everything there is. */
  readonly isAhead: boolean;
  /** The last place that anybody has taken, settled or not. */
  readonly newest: Position;
}

/** What the reader may not see is left out by the database: thread by thread, because a join might read all threads. The last
 *  rows of the answer sum up. */
function* lookOn(
  dialect: Dialect,
  { tenant, user }: Reader,
  start: Position,
  limit: number,
): Plan<Look> {
  const { position, settled } = dialect.feed;
  const columns = position.join(", ");
  const visible = visibleTo(user);
  const backwards = position.map((column) => `${column} DESC`).join(", ");
  const found = yield* rows(
    `WITH looked AS (SELECT ${columns}, tid, version, op FROM skein_entry
       WHERE ${behind(position)} AND ${settled} ORDER BY ${columns} LIMIT ?)
     SELECT 0 AS tail, ${position.map((column) => `e.${column} AS ${column}`).join(", ")}, e.tid, e.version, e.op
     FROM looked e
     WHERE (SELECT 1 FROM skein_thread t WHERE t.tid = e.tid AND t.tenant = ? AND ${visible.sql}) = 1
     UNION ALL
     SELECT 1, ${columns}, (SELECT count(*) FROM looked), 0, 0
     FROM (SELECT ${columns} FROM looked ORDER BY ${backwards} LIMIT 1) newest
     UNION ALL
     SELECT 2, ${columns}, 0, 0, 0
     FROM (SELECT ${columns} FROM skein_entry ORDER BY ${backwards} LIMIT 1) newest
     ORDER BY tail, ${columns}`,
    ...start,
    limit,
    tenant,
    ...visible.parameters,
  );
  const width = position.length;
  const tail = found.find((it) => it[0] === 1);
  const last = found.find((it) => it[0] === 2);
  const newest = last === undefined ? startOf(dialect) : positionIn(last, width);
  return {
    seen: found.filter((it) => it[0] === 0).map((it) => seenIn(it, width)),
    rows: tail === undefined ? 0 : numberAt(tail, 1 + width),
    end: tail === undefined ? start : positionIn(tail, width),
    isAhead: compare(start, newest) > 0,
    newest,
  };
}

function seenIn(found: Row, width: number): Seen {
  return {
    position: positionIn(found, width),
    tid: numberAt(found, 1 + width),
    version: numberAt(found, 2 + width),
    since: numberAt(found, 2 + width) - 1,
    type: TYPES.get(found[3 + width]) ?? "updated",
  };
}

function* eventsOf(identity: StoreIdentity, seen: readonly Seen[]): Plan<readonly FeedEvent[]> {
  const heads = yield* headsAt([...new Set(seen.map(({ tid }) => tid))]);
  return seen.flatMap(({ position, type, tid, version, since }) => {
    const head = heads.get(tid);
    if (head === undefined) return [];
    const thread = threadOf(head);
    const cursor = cursorOf(identity, position);
    return [{ cursor, type, threadId: thread.id, version, since, thread }];
  });
}

/** The condition that a row is behind a place. */
function behind(position: readonly string[]): string {
  if (position.length === 1) return `${position.join("")} > ?`;
  return `(${position.join(", ")}) > (${position.map(() => "?").join(", ")})`;
}

function compare(a: Position, b: Position): number {
  const at = a.findIndex((it, index) => it !== b[index]);
  return at === -1 ? 0 : (a[at] ?? 0) - (b[at] ?? 0);
}

function startOf({ feed }: Dialect): Position {
  return feed.position.map(() => 0);
}

function positionIn(found: Row, width: number): Position {
  return Array.from({ length: width }, (_, index) => numberAt(found, 1 + index));
}

function cursorOf({ storeId, epoch }: StoreIdentity, position: Position): string {
  return `${storeId}.${epoch}.${position.join("-")}`;
}

function parseCursor({ feed }: Dialect, identity: StoreIdentity, cursor: string): Position {
  const [storeId, epoch, place = "", ...rest] = cursor.split(".");
  const isOurs = storeId === identity.storeId && epoch === identity.epoch && rest.length === 0;
  const numbers = place.split("-");
  const isPlace =
    numbers.length === feed.position.length && numbers.every((it) => /^\d{1,15}$/u.test(it));
  if (!isOurs || !isPlace) throw invalidCursor();
  return numbers.map(Number);
}

function invalidCursor(): SkeinError {
  return new SkeinError("invalid_cursor", "The cursor is not one of this store's feed.", {
    field: "after",
  });
}
