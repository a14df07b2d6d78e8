import type { ThreadHead } from "../../model/thread.ts";
import { numberAt } from "./cell.ts";
import { HEAD_COLUMNS } from "./head-codec.ts";
import { HEAD_TABLES, headsOf } from "./load-heads.ts";
import { rows } from "./plan.ts";
import type { Plan } from "./plan.ts";

const AT_ONCE = 200;

/** Threads that were not purged, behind a number, with their heads; none at the end. */
export function* livingHeads(
  after: number,
): Plan<readonly (readonly [tid: number, head: ThreadHead])[]> {
  const found = yield* rows(
    `SELECT ${HEAD_COLUMNS} FROM ${HEAD_TABLES}
     WHERE t.purged_at IS NULL AND t.tid > ? ORDER BY t.tid LIMIT ${AT_ONCE}`,
    after,
  );
  const heads = yield* headsOf(found);
  return found.flatMap((row, at) => {
    const head = heads[at];
    return head === undefined ? [] : [[numberAt(row, 0), head] as const];
  });
}
