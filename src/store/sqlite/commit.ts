import { hash } from "node:crypto";
import type { ThreadActivity } from "../../model/thread.ts";
import type { ItemResult } from "../store.ts";
import type { BatchLog } from "../sql/batch-log.ts";
import { numberAt, parseStored, textAt } from "../sql/cell.ts";
import type { Cell } from "../sql/cell.ts";
import type { Connection } from "./connection.ts";
import { givenFact } from "./facts.ts";
import { ERASED } from "./load-heads.ts";
import { ENTRY_COLUMNS } from "../sql/records.ts";
import type { ChainRecord, ItemRecord, WriteRecord } from "../sql/records.ts";
import { listNew } from "./listing-rows.ts";
import type { ThreadIds } from "./thread-ids.ts";
import { writeRare } from "./write-rare.ts";

const INSERT_ENTRY: string = `INSERT INTO skein_entry (tid, digest, ${ENTRY_COLUMNS.join(", ")})
  VALUES (?, ?${", ?".repeat(ENTRY_COLUMNS.length)})`;

/** Only at the version that the write was decided on. */
const UPDATE_HEAD = `UPDATE skein_head SET version = ?, updated_at = ?, status = ?, hot = ?
  WHERE tid = ? AND version = ?`;

/** Writes chains in the transaction of the caller. Stale items are found before anything of them is written. */
export function commitChains(
  connection: Connection,
  ids: ThreadIds,
  chains: readonly ChainRecord[],
  log: BatchLog,
): readonly (readonly ItemResult[])[] {
  return chains.map((chain) => {
    let isStale = false;
    return chain.map((item) => {
      isStale ||= !commitItem(connection, ids, item, log);
      return isStale ? "stale" : "committed";
    });
  });
}

function commitItem(
  connection: Connection,
  ids: ThreadIds,
  item: ItemRecord,
  log: BatchLog,
): boolean {
  const [only] = item;
  if (item.length === 1 && only !== undefined && only.rare === null)
    return appendPlain(connection, ids, only, log);
  if (isItemStale(connection, ids, item)) return false;
  for (const write of item) {
    const tid =
      write.base === 0
        ? createThread(connection, ids, write)
        : updateThread(connection, ids, write);
    appendEntries(connection, tid, write, log);
    if (write.rare !== null) writeRare(connection, ids, tid, write, write.rare, log.erased);
  }
  return true;
}

/** The hot path: one row of `head` and one row per entry. The version is compared by the update itself. */
function appendPlain(
  connection: Connection,
  ids: ThreadIds,
  write: WriteRecord,
  log: BatchLog,
): boolean {
  const tid = ids.find(write.tenant, write.id);
  if (tid === undefined || !moveHead(connection, tid, write)) return false;
  appendEntries(connection, tid, write, log);
  return true;
}

function moveHead(connection: Connection, tid: number, write: WriteRecord): boolean {
  const { version, updatedAt, status, base } = write;
  const hot = write.kept === undefined ? write.hot : withoutErased(connection, tid, write);
  return connection.statement(UPDATE_HEAD).run(version, updatedAt, status, hot, tid, base) === 1;
}

/** What the write makes of the head, but no text that was erased since the writer read it: a redaction in a fork
 *  leaves the version of its origin as it is. */
function withoutErased(connection: Connection, tid: number, { hot, kept }: WriteRecord): string {
  const row = connection
    .statement(`SELECT hot FROM skein_head WHERE tid = ? AND instr(hot, '${ERASED}') > 0`)
    .row(tid);
  if (row === undefined) return hot;
  const { lastMessage } = parseStored<Partial<ThreadActivity>>(textAt(row, 0));
  if (lastMessage?.id !== kept || lastMessage?.text !== "") return hot;
  return JSON.stringify({ ...parseStored<object>(hot), lastMessage });
}

function appendEntries(
  connection: Connection,
  tid: number,
  { entries, base }: WriteRecord,
  log: BatchLog,
): void {
  const insert = connection.statement(INSERT_ENTRY);
  for (const row of entries) insert.run(tid, digestOf(row.at(-1)), ...row);
  log.entries += entries.length;
  // A new thread stands in its place already.
  if (base > 0) log.tids.add(tid);
}

/** Of the payload, which is the last column. Made here, because bytes are the dearest thing to send to a thread. */
function digestOf(payload: Cell | undefined): Uint8Array | null {
  if (typeof payload !== "string") return null;
  // Asking for a string and making the bytes from it takes two thirds of the time.
  return Buffer.from(hash("sha256", payload, "latin1"), "latin1");
}

function isItemStale(connection: Connection, ids: ThreadIds, item: ItemRecord): boolean {
  const given = new Set<string>();
  const operations = new Set<string>();
  return item.some((write) => {
    if (storedVersion(connection, ids, write) !== write.base) return true;
    for (const [id] of write.rare?.given ?? []) {
      if (given.has(id) || givenFact(connection, write.tenant, id) !== null) return true;
      given.add(id);
    }
    const operation = write.rare?.operation;
    if (operation === undefined) return false;
    const name = JSON.stringify([operation.user, operation.opId]);
    if (operations.has(name)) return true;
    operations.add(name);
    return (
      connection
        .statement("SELECT 1 FROM skein_operation WHERE tenant = ? AND user_id = ? AND op_id = ?")
        .row(write.tenant, operation.user, operation.opId) !== undefined
    );
  });
}

function storedVersion(
  connection: Connection,
  ids: ThreadIds,
  { tenant, id }: WriteRecord,
): number {
  const tid = ids.find(tenant, id);
  const row =
    tid === undefined
      ? undefined
      : connection.statement("SELECT version FROM skein_head WHERE tid = ?").row(tid);
  return row === undefined ? 0 : numberAt(row, 0);
}

function createThread(connection: Connection, ids: ThreadIds, write: WriteRecord): number {
  const { tenant, id, version, updatedAt, status, hot } = write;
  const profile = write.rare?.profile;
  if (profile === undefined) throw new TypeError(`A new thread ${id} without a profile.`);
  const tid = connection
    .statement(
      `INSERT INTO skein_thread (tenant, id, owner, title, agent_id, kind, created_at,
         archived_at, deleted_at, purged_at, profile) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    )
    .insert(tenant, id, ...profile.columns);
  connection
    .statement(
      `INSERT INTO skein_head (tid, version, updated_at, listed_at, status, hot)
       VALUES (?1, ?2, ?3, ?3, ?4, ?5)`,
    )
    .insert(tid, version, updatedAt, status, hot);
  ids.learn(tenant, id, tid);
  if (profile.listing !== undefined)
    listNew(connection, { tid, tenant, id, updatedAt }, profile.listing);
  return tid;
}

function updateThread(connection: Connection, ids: ThreadIds, write: WriteRecord): number {
  const tid = ids.find(write.tenant, write.id);
  if (tid === undefined || !moveHead(connection, tid, write))
    throw new TypeError(`Thread ${write.id} moved inside a write transaction.`);
  return tid;
}
