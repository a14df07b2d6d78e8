import type { ItemResult } from "../store.ts";
import { ENTRIES, entryRow } from "../sql/commit-item.ts";
import { insertRows } from "../sql/insert-rows.ts";
import type { Target } from "../sql/insert-rows.ts";
import type { Plan } from "../sql/plan.ts";
import type { ChainRecord, WriteRecord } from "../sql/records.ts";
import { lockHeads } from "../sql/server/lock-heads.ts";
import { runPlan } from "../sql/server/run-plan.ts";
import { ownIds, shareIds, writeChains } from "../sql/server/write-chains.ts";
import type { Written } from "../sql/server/write-chains.ts";
import type { ThreadIds } from "../sql/thread-ids.ts";
import { lockLog } from "./lock-log.ts";
import { mysqlDialect } from "./mysql-dialect.ts";
import type { MysqlDriver } from "./mysql-driver.ts";

/** Writes chains in one transaction: they wait for one another anyway, and for the disk only once. Appends of all threads
 *  go together, in five statements. */
export async function commit(
  driver: MysqlDriver,
  chains: readonly ChainRecord[],
  shared: ThreadIds,
): Promise<Written> {
  const ids = ownIds(shared, chains);
  const written = await driver.transaction((session) => runPlan(session, writeBatch(ids, chains)));
  shareIds(shared, ids, chains);
  return written;
}

function* writeBatch(ids: ThreadIds, chains: readonly ChainRecord[]): Plan<Written> {
  const versions = yield* lockHeads(mysqlDialect, ids, chains.flat(2));
  yield* lockLog();
  const results: (readonly ItemResult[])[] = chains.map((chain) => chain.map(() => "stale"));
  const others: number[] = [];
  const appends: Append[] = [];
  for (const [at, chain] of chains.entries()) {
    const writes = plainWrites(chain);
    const [first] = writes ?? [];
    if (writes === undefined || first === undefined) {
      others.push(at);
      continue;
    }
    const tid = ids.known(first.tenant, first.id);
    if (tid === undefined || versions.get(tid) !== first.base) continue;
    appends.push({ tid, writes });
    results[at] = chain.map(() => "committed");
  }
  yield* append(appends);
  const written = yield* writeChains(
    mysqlDialect,
    ids,
    others.map((at) => chains[at] ?? []),
  );
  for (const [index, at] of others.entries()) results[at] = written.results[index] ?? [];
  for (const { tid } of appends) written.log.tids.add(tid);
  return { results, log: written.log };
}

interface Append {
  readonly tid: number;
  readonly writes: readonly WriteRecord[];
}

/** The writes of a chain that only appends to one thread, where nothing but the version decides. */
function plainWrites(chain: ChainRecord): readonly WriteRecord[] | undefined {
  const writes = chain.flat();
  const isPlain = ({ rare, kept, base }: WriteRecord): boolean =>
    rare === null && kept === undefined && base > 0;
  return chain.every((item) => item.length === 1) && writes.every(isPlain) ? writes : undefined;
}

const HEADS: Target = {
  table: "skein_head",
  columns: ["tid", "version", "updated_at", "listed_at", "status", "hot"],
  key: ["tid"],
  // It has its place in the lists until they are brought up to date.
  replaces: ["version", "updated_at", "status", "hot"],
};

function* append(appends: readonly Append[]): Plan<void> {
  const heads = appends.flatMap(({ tid, writes }) => {
    const last = writes.at(-1);
    if (last === undefined) return [];
    const { version, updatedAt, status, hot } = last;
    return [[tid, version, updatedAt, updatedAt, status, hot]];
  });
  yield* insertRows(mysqlDialect, HEADS, heads);
  const entries = appends.flatMap(({ tid, writes }) =>
    writes.flatMap((write) => write.entries.map((entry) => entryRow(tid, entry))),
  );
  yield* insertRows(mysqlDialect, ENTRIES, entries);
}
