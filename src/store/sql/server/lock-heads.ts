import type { Dialect } from "../dialect.ts";
import { listOf } from "../list-of.ts";
import { rows } from "../plan.ts";
import type { Plan } from "../plan.ts";
import type { ChainRecord } from "../records.ts";
import type { ThreadKey } from "../../key.ts";

/** Locks the heads of threads in the order of their numbers, as everybody does, so that nobody waits in a circle. */
export function* lockHeads(dialect: Dialect, keys: readonly ThreadKey[]): Plan<void> {
  const tids: number[] = [];
  for (const [tenant, of] of Map.groupBy(keys, (key) => key.tenant)) {
    const list = listOf(of.map(({ id }) => id));
    const found = yield* rows(
      `SELECT tid FROM skein_thread WHERE tenant = ? AND id IN ${list.sql}`,
      tenant,
      ...list.parameters,
    );
    tids.push(...found.map((it) => Number(it[0])));
  }
  if (tids.length === 0) return;
  const list = listOf(tids);
  yield* rows(
    `SELECT tid FROM skein_head WHERE tid IN ${list.sql} ORDER BY tid ${dialect.forUpdate}`,
    ...list.parameters,
  );
}

export function lockHeadsOf(dialect: Dialect, chains: readonly ChainRecord[]): Plan<void> {
  return lockHeads(dialect, chains.flat(2));
}
