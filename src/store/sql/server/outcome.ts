import type { ItemResult } from "../../store.ts";
import { numberAt } from "../cell.ts";
import { row } from "../plan.ts";
import type { Plan } from "../plan.ts";
import { ENTRY_COLUMNS } from "../records.ts";
import type { ChainRecord, WriteRecord } from "../records.ts";
import type { Written } from "./write-chains.ts";

/** What tells one entry from any other: nobody else writes the same at the same millisecond. */
const MARKS = ["version", "op", "at", "mid", "op_id", "actor"] as const;
const PLACES = MARKS.map((name) => ENTRY_COLUMNS.indexOf(name));

/** What became of a batch whose acknowledgement was lost, from what the log has; `undefined` when it has nothing of it. A
 *  batch takes effect as a whole, but for what was stale. */
export function* outcomeOf(chains: readonly ChainRecord[]): Plan<Written | undefined> {
  const tids = new Set<number>();
  const results: ItemResult[][] = [];
  for (const chain of chains) {
    const ofChain: ItemResult[] = [];
    for (const item of chain) {
      const tid = yield* writtenTo(item.at(-1));
      if (tid !== undefined) tids.add(tid);
      ofChain.push(tid === undefined ? "stale" : "committed");
    }
    results.push(ofChain);
  }
  return tids.size === 0 ? undefined : { results, log: { tids, entries: 0, erased: [] } };
}

/** The number of the thread if the write's last entry is in its log. */
function* writtenTo(write: WriteRecord | undefined): Plan<number | undefined> {
  const entry = write?.entries.at(-1);
  if (write === undefined || entry === undefined) return undefined;
  const found = yield* row(
    `SELECT e.tid, ${MARKS.map((name) => `e.${name}`).join(", ")}
     FROM skein_thread t JOIN skein_entry e ON e.tid = t.tid
     WHERE t.tenant = ? AND t.id = ? AND e.version = ?`,
    write.tenant,
    write.id,
    write.version,
  );
  const isOurs = PLACES.every((place, at) => found?.[at + 1] === entry[place]);
  return found !== undefined && isOurs ? numberAt(found, 0) : undefined;
}
