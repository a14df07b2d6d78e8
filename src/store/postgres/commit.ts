import type { ItemResult } from "../store.ts";
import type { BatchLog } from "../sql/batch-log.ts";
import { numberAt } from "../sql/cell.ts";
import type { ChainRecord } from "../sql/records.ts";
import { lockHeads } from "../sql/server/lock-heads.ts";
import { runPlan } from "../sql/server/run-plan.ts";
import { ownIds, shareIds, writeChains } from "../sql/server/write-chains.ts";
import type { Written } from "../sql/server/write-chains.ts";
import type { ThreadIds } from "../sql/thread-ids.ts";
import { postgresDialect } from "./postgres-dialect.ts";
import { plainStatement } from "./plain-statement.ts";
import type { PostgresDriver } from "./postgres-driver.ts";
import { isConflict } from "./postgres-error.ts";
import { quickChainOf } from "./quick-chain.ts";
import type { QuickChain } from "./quick-chain.ts";
import { quickStatement } from "./quick-statement.ts";

/** Writes chains: in one statement, which is a transaction by itself, for whatever a turn does. Chains that need more make
 *  the batch a transaction of several statements. */
export async function commit(
  driver: PostgresDriver,
  chains: readonly ChainRecord[],
  shared: ThreadIds,
): Promise<Written> {
  if (chains.length === 0) return { results: [], log: { tids: new Set(), entries: 0, erased: [] } };
  const quick = chains.map(quickChainOf);
  if (quick.every((chain) => chain !== undefined)) {
    try {
      return await commitQuickly(driver, chains, quick, shared);
    } catch (error) {
      // Two of the batch, or somebody else, want the same key.
      if (!isConflict(error)) throw error;
    }
  }
  return commitSlowly(driver, chains, shared);
}

async function commitQuickly(
  driver: PostgresDriver,
  chains: readonly ChainRecord[],
  quick: readonly QuickChain[],
  shared: ThreadIds,
): Promise<Written> {
  const known = quick.map(({ tenant, id }) => shared.known(tenant, id));
  const statement = plainStatement(quick, known) ?? quickStatement(quick, known);
  const moved = await driver.query(statement);
  const tids = new Map(moved.map((row) => [numberAt(row, 0), numberAt(row, 1)]));
  for (const [n, { tenant, id }] of quick.entries()) {
    const tid = tids.get(n);
    if (tid !== undefined) shared.learn(tenant, id, tid);
  }
  const results = chains.map((chain, n) =>
    chain.map((): ItemResult => (tids.has(n) ? "committed" : "stale")),
  );
  const log: BatchLog = { tids: new Set(tids.values()), entries: 0, erased: [] };
  const unclear = quick.flatMap(({ isClear }, n) => (tids.has(n) || isClear ? [] : [n]));
  if (unclear.length === 0) return { results, log };
  // Nothing of them was written; which of their items are stale takes a closer look.
  const again = await commitSlowly(
    driver,
    unclear.map((n) => chains[n] ?? []),
    shared,
  );
  for (const [at, n] of unclear.entries()) results[n] = [...(again.results[at] ?? [])];
  for (const tid of again.log.tids) log.tids.add(tid);
  return { results, log };
}

async function commitSlowly(
  driver: PostgresDriver,
  chains: readonly ChainRecord[],
  shared: ThreadIds,
): Promise<Written> {
  const ids = ownIds(shared, chains);
  const written = await driver.transaction(async (session) => {
    await runPlan(session, lockHeads(postgresDialect, ids, chains.flat(2)));
    return runPlan(session, writeChains(postgresDialect, ids, chains));
  });
  shareIds(shared, ids, chains);
  return written;
}
