import type { ThreadKey } from "../../key.ts";
import { numberAt, textAt } from "../cell.ts";
import type { Dialect } from "../dialect.ts";
import { listOf } from "../list-of.ts";
import { rows } from "../plan.ts";
import type { Plan } from "../plan.ts";
import type { ThreadIds } from "../thread-ids.ts";

/** Locks the heads of threads in the order of their numbers, as everybody does, so that nobody waits in a circle. Answers
 *  the versions of those that exist, by number. */
export function* lockHeads(
  dialect: Dialect,
  ids: ThreadIds,
  keys: readonly ThreadKey[],
): Plan<ReadonlyMap<number, number>> {
  yield* learnAll(ids, keys);
  const tids = new Set(keys.flatMap(({ tenant, id }) => ids.known(tenant, id) ?? []));
  if (tids.size === 0) return new Map();
  const list = listOf([...tids]);
  const locked = yield* rows(
    `SELECT tid, version FROM skein_head WHERE tid IN ${list.sql} ORDER BY tid ${dialect.forUpdate}`,
    ...list.parameters,
  );
  return new Map(locked.map((head) => [numberAt(head, 0), numberAt(head, 1)]));
}

function* learnAll(ids: ThreadIds, keys: readonly ThreadKey[]): Plan<void> {
  const unknown = keys.filter(({ tenant, id }) => ids.known(tenant, id) === undefined);
  for (const [tenant, of] of Map.groupBy(unknown, (key) => key.tenant)) {
    const list = listOf(of.map(({ id }) => id));
    const found = yield* rows(
      `SELECT id, tid FROM skein_thread WHERE tenant = ? AND id IN ${list.sql}`,
      tenant,
      ...list.parameters,
    );
    for (const thread of found) ids.learn(tenant, textAt(thread, 0), numberAt(thread, 1));
  }
}
