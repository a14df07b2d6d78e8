import type { ItemResult } from "../../store.ts";
import type { BatchLog } from "../batch-log.ts";
import { commitItem } from "../commit-item.ts";
import type { Dialect } from "../dialect.ts";
import type { Plan } from "../plan.ts";
import type { ChainRecord } from "../records.ts";
import { ThreadIds } from "../thread-ids.ts";

export interface Written {
  readonly results: readonly (readonly ItemResult[])[];
  readonly log: BatchLog;
}

/** Writes chains in the transaction of the caller, in order, whatever they hold. */
export function* writeChains(
  dialect: Dialect,
  ids: ThreadIds,
  chains: readonly ChainRecord[],
): Plan<Written> {
  const log: BatchLog = { tids: new Set(), entries: 0, erased: [] };
  const results: (readonly ItemResult[])[] = [];
  for (const chain of chains) {
    const ofChain: ItemResult[] = [];
    let isStale = false;
    for (const item of chain) {
      isStale ||= !(yield* commitItem(dialect, ids, item, log));
      ofChain.push(isStale ? "stale" : "committed");
    }
    results.push(ofChain);
  }
  return { results, log };
}

/** Numbers of the threads that chains name, apart from the shared ones: what is learnt in a transaction that fails may
 *  not exist. */
export function ownIds(shared: ThreadIds, chains: readonly ChainRecord[]): ThreadIds {
  const own = new ThreadIds();
  for (const { tenant, id } of chains.flat(2)) {
    const tid = shared.known(tenant, id);
    if (tid !== undefined) own.learn(tenant, id, tid);
  }
  return own;
}

/** Tells the shared numbers what a transaction that took effect has learnt. */
export function shareIds(shared: ThreadIds, own: ThreadIds, chains: readonly ChainRecord[]): void {
  for (const { tenant, id } of chains.flat(2)) {
    const tid = own.known(tenant, id);
    if (tid !== undefined) shared.learn(tenant, id, tid);
  }
}
