import type { ThreadActivity } from "../../model/thread.ts";
import type { BatchLog } from "./batch-log.ts";
import { numberAt, numberOrNullAt, parseStored, textOrNullAt } from "./cell.ts";
import type { Cell } from "./cell.ts";
import type { Dialect } from "./dialect.ts";
import { findClaims } from "./claims.ts";
import { digestOf } from "./entry-digest.ts";
import { insertRows } from "./insert-rows.ts";
import type { Target } from "./insert-rows.ts";
import { listNew } from "./listing-rows.ts";
import { listOf } from "./list-of.ts";
import { ERASED } from "./load-heads.ts";
import { change, insert, row, rows } from "./plan.ts";
import type { Plan } from "./plan.ts";
import { ENTRY_COLUMNS } from "./records.ts";
import type { ItemRecord, RareRecord, WriteRecord } from "./records.ts";
import type { ThreadIds } from "./thread-ids.ts";
import { writeRare } from "./write-rare.ts";

export const ENTRIES: Target = {
  table: "skein_entry",
  columns: ["tid", "digest", ...ENTRY_COLUMNS],
};

/** Only at the version that the write was decided on. */
export const UPDATE_HEAD = `UPDATE skein_head SET version = ?, updated_at = ?, status = ?, hot = ?
  WHERE tid = ? AND version = ?`;

/**
 * Writes an item, whatever it holds, in the caller's transaction. Answers false, before anything was written, when it
 * is stale.
 *
 * On a server the heads stay locked until the transaction ends, in the order of their numbers. An id, an operation, a
 * new thread or a branch that another transaction takes at the same moment ends the plan with the database's
 * unique violation: the item is to be undone and counts as stale.
 */
export function* commitItem(
  dialect: Dialect,
  ids: ThreadIds,
  item: ItemRecord,
  log: BatchLog,
): Plan<boolean> {
  const heads = yield* lockHeads(dialect, ids, item);
  if (yield* isItemStale(dialect, item, heads)) return false;
  for (const [at, write] of item.entries()) {
    const head = heads[at];
    const tid =
      head === undefined ? yield* createThread(dialect, ids, write) : yield* moveHead(head, write);
    // What comes trimmed from elsewhere is older than its trim.
    const kept = write.rare?.trim?.kept ?? [];
    yield* insertRows(
      dialect,
      ENTRIES,
      [...kept.map(({ entry }) => entry), ...write.entries].map((entry) => entryRow(tid, entry)),
    );
    log.entries += write.entries.length;
    // A new thread stands in its place already.
    if (write.base > 0) log.tids.add(tid);
    if (write.rare !== null) yield* writeRare(dialect, ids, tid, write, write.rare, log.erased);
  }
  return true;
}

/** In the columns of `ENTRIES`. */
export function entryRow(tid: number, entry: readonly Cell[]): readonly Cell[] {
  return [tid, digestOf(entry.at(-1)), ...entry];
}

interface StoredHead {
  readonly tid: number;
  readonly version: number;
  /** Where its preview may have been erased. */
  readonly erasedHot: string | null;
}

/** The heads of the threads that an item names; `undefined` for those that do not exist. */
function* lockHeads(
  dialect: Dialect,
  ids: ThreadIds,
  item: ItemRecord,
): Plan<readonly (StoredHead | undefined)[]> {
  const tids: (number | undefined)[] = [];
  for (const { tenant, id } of item) tids.push(yield* ids.find(tenant, id));
  const known = tids.filter((tid) => tid !== undefined);
  if (known.length === 0) return tids.map(() => undefined);
  const list = listOf(known);
  const found = yield* rows(
    `SELECT tid, version, CASE WHEN ${dialect.contains("hot", `'${ERASED}'`)} THEN hot END
     FROM skein_head WHERE tid IN ${list.sql} ORDER BY tid ${dialect.forUpdate}`,
    ...list.parameters,
  );
  const heads = new Map(
    found.map((head) => {
      const tid = numberAt(head, 0);
      return [tid, { tid, version: numberAt(head, 1), erasedHot: textOrNullAt(head, 2) }];
    }),
  );
  return tids.map((tid) => (tid === undefined ? undefined : heads.get(tid)));
}

/** Whether messages that a fork is about to include may be gone. Held, so that none go before it is there. */
function* isOriginTrimmed(
  { forUpdate }: Dialect,
  { tenant, from }: NonNullable<RareRecord["origin"]>,
): Plan<boolean> {
  if (from === null) return false;
  const origin = yield* row(
    `SELECT oldest FROM skein_thread WHERE tenant = ? AND id = ? ${forUpdate}`,
    tenant,
    from.id,
  );
  return origin !== undefined && (numberOrNullAt(origin, 0) ?? 1) > from.version;
}

function* isItemStale(
  dialect: Dialect,
  item: ItemRecord,
  heads: readonly (StoredHead | undefined)[],
): Plan<boolean> {
  if (item.some(({ base }, at) => base !== (heads[at]?.version ?? 0))) return true;
  const given = new Set<string>();
  const operations = new Set<string>();
  for (const { tenant, rare } of item) {
    const { given: ids = [], operation, trim } = rare ?? {};
    const earlier = trim?.earlier;
    const claimed = [...ids, ...(earlier?.given ?? [])].map(([id]) => id);
    if (claimed.some((id) => given.has(id))) return true;
    for (const id of claimed) given.add(id);
    const done = [operation, ...(earlier?.operations ?? [])];
    for (const it of done) {
      if (it === undefined) continue;
      const name = JSON.stringify([it.user, it.opId]);
      if (operations.has(name)) return true;
      operations.add(name);
    }
    for (const [at, it] of done.entries()) {
      const need = it && { kind: "operation" as const, ...it };
      const claims = yield* findClaims(tenant, at === 0 ? claimed : [], need);
      if (claims.given.size > 0 || claims.operation !== null) return true;
    }
    if (rare?.origin !== undefined && (yield* isOriginTrimmed(dialect, rare.origin))) return true;
  }
  return false;
}

function* moveHead({ tid, erasedHot }: StoredHead, write: WriteRecord): Plan<number> {
  const { id, version, updatedAt, status, base } = write;
  const hot = withoutErased(write, erasedHot);
  const moved = yield* change(UPDATE_HEAD, version, updatedAt, status, hot, tid, base);
  if (moved !== 1) throw new TypeError(`Thread ${id} moved inside a write transaction.`);
  return tid;
}

/** What the write makes of the head, but no text that was erased since the writer read it: a redaction in a fork
 *  leaves the version of its origin as it is.
 *  @param stored  the head as it is, if its preview may have been erased */
export function withoutErased({ hot, kept }: WriteRecord, stored: string | null): string {
  if (kept === undefined || stored === null) return hot;
  const { lastMessage } = parseStored<Partial<ThreadActivity>>(stored);
  if (lastMessage?.id !== kept || lastMessage.text !== "") return hot;
  return JSON.stringify({ ...parseStored<object>(hot), lastMessage });
}

function* createThread(dialect: Dialect, ids: ThreadIds, write: WriteRecord): Plan<number> {
  const { tenant, id, version, updatedAt, status, hot, rare } = write;
  const profile = rare?.profile;
  if (profile === undefined) throw new TypeError(`A new thread ${id} without a profile.`);
  const tid = yield* insert(
    "tid",
    `INSERT INTO skein_thread (tenant, id, owner, title, agent_id, kind, created_at,
       archived_at, deleted_at, purged_at, oldest, forked_from, due_at, profile)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    tenant,
    id,
    ...profile.columns,
  );
  yield* change(
    `INSERT INTO skein_head (tid, version, updated_at, listed_at, status, hot)
     VALUES (?, ?, ?, ?, ?, ?)`,
    tid,
    version,
    updatedAt,
    updatedAt,
    status,
    hot,
  );
  ids.learn(tenant, id, tid);
  const { listing } = profile;
  if (listing !== undefined) yield* listNew(dialect, { tid, tenant, id, updatedAt }, listing);
  return tid;
}
