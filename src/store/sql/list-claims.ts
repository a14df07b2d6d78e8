import type { ThreadKey } from "../key.ts";
import type { ThreadClaims } from "../store.ts";
import { numberAt, numberOrNullAt, textAt } from "./cell.ts";
import { row, rows } from "./plan.ts";
import type { Plan } from "./plan.ts";

const NONE: ThreadClaims = { givenIds: [], operations: [] };

export function* listClaims(
  { tenant, id }: ThreadKey,
  from: number,
  to: number,
): Plan<ThreadClaims> {
  const thread = yield* row(
    "SELECT tid, oldest FROM skein_thread WHERE tenant = ? AND id = ? AND purged_at IS NULL",
    tenant,
    id,
  );
  if (thread === undefined) return NONE;
  const tid = numberAt(thread, 0);
  // Of what a trim has taken there is only the id, and no index leads from a thread to its ids: they are sparse.
  const given =
    from < (numberOrNullAt(thread, 1) ?? 1)
      ? yield* rows(
          `SELECT g.id, g.version FROM skein_given_id g
           WHERE g.tenant = ? AND g.tid = ? AND g.version >= ? AND g.version <= ? ORDER BY g.version`,
          tenant,
          tid,
          from,
          to,
        )
      : yield* rows(
          `SELECT DISTINCT g.id, g.version FROM skein_entry e JOIN skein_given_id g ON g.tenant = ? AND g.id = e.mid
           WHERE e.tid = ? AND e.version >= ? AND e.given IS NOT NULL AND g.tid = e.tid
             AND g.version >= ? AND g.version <= ? ORDER BY g.version`,
          tenant,
          tid,
          from,
          from,
          to,
        );
  const operations = yield* rows(
    `SELECT user_id, op_id, digest, from_version, to_version FROM skein_operation
     WHERE tid = ? AND to_version >= ? AND to_version <= ? ORDER BY to_version`,
    tid,
    from,
    to,
  );
  return {
    givenIds: given.map((it) => ({ id: textAt(it, 0), version: numberAt(it, 1) })),
    operations: operations.map((it) => ({
      user: textAt(it, 0),
      opId: textAt(it, 1),
      digest: textAt(it, 2),
      fromVersion: numberAt(it, 3),
      toVersion: numberAt(it, 4),
    })),
  };
}
