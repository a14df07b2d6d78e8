import type { BatchLog } from "../sql/batch-log.ts";
import { textAt } from "../sql/cell.ts";
import { UPDATE_HEAD, commitItem, entryRow, withoutErased } from "../sql/commit-item.ts";
import { ERASED } from "../sql/load-heads.ts";
import { ENTRY_COLUMNS } from "../sql/records.ts";
import type { ChainRecord, ItemRecord, WriteRecord } from "../sql/records.ts";
import type { ThreadIds } from "../sql/thread-ids.ts";
import type { ItemResult } from "../store.ts";
import type { Connection } from "./connection.ts";
import { sqliteDialect } from "./dialect.ts";
import { runPlan } from "./run-plan.ts";

const INSERT_ENTRY: string = `INSERT INTO skein_entry (tid, digest, ${ENTRY_COLUMNS.join(", ")})
  VALUES (?, ?${", ?".repeat(ENTRY_COLUMNS.length)})`;

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
      isStale ||= !commit(connection, ids, item, log);
      return isStale ? "stale" : "committed";
    });
  });
}

function commit(connection: Connection, ids: ThreadIds, item: ItemRecord, log: BatchLog): boolean {
  const [only] = item;
  if (item.length === 1 && only !== undefined && only.rare === null)
    return appendPlain(connection, ids, only, log);
  return runPlan(connection, commitItem(sqliteDialect, ids, item, log));
}

/** The hot path: one row of `head` and one row per entry. The version is compared by the update itself. */
function appendPlain(
  connection: Connection,
  ids: ThreadIds,
  write: WriteRecord,
  log: BatchLog,
): boolean {
  const { tenant, id, version, updatedAt, status, base, entries } = write;
  const tid = ids.known(tenant, id) ?? runPlan(connection, ids.find(tenant, id));
  if (tid === undefined) return false;
  const hot = withoutErased(write, write.kept === undefined ? null : erasedHot(connection, tid));
  const moved = connection.statement(UPDATE_HEAD).run(version, updatedAt, status, hot, tid, base);
  if (moved !== 1) return false;
  const insert = connection.statement(INSERT_ENTRY);
  for (const entry of entries) insert.run(...entryRow(tid, entry));
  log.entries += entries.length;
  log.tids.add(tid);
  return true;
}

/** The head as it is, if its preview may have been erased. */
function erasedHot(connection: Connection, tid: number): string | null {
  const row = connection
    .statement(`SELECT hot FROM skein_head WHERE tid = ? AND instr(hot, '${ERASED}') > 0`)
    .row(tid);
  return row === undefined ? null : textAt(row, 0);
}
