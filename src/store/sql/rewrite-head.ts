import { MAIN } from "../../model/thread.ts";
import type { ThreadHead } from "../../model/thread.ts";
import type { Dialect } from "./dialect.ts";
import { encodeHot, encodeProfile } from "./head-codec.ts";
import { insertRows } from "./insert-rows.ts";
import type { Target } from "./insert-rows.ts";
import { change } from "./plan.ts";
import type { Plan } from "./plan.ts";

const BRANCHES: Target = { table: "skein_branch", columns: ["tid", "name", "head"] };

/** Puts a head that was made from the log into the tables. Lists are left to whoever checks them. */
export function* rewriteHead(dialect: Dialect, tid: number, head: ThreadHead): Plan<void> {
  const { updatedAt, status, hot } = encodeHot(head);
  yield* change(
    "UPDATE skein_head SET version = ?, updated_at = ?, status = ?, hot = ? WHERE tid = ?",
    head.version,
    updatedAt,
    status,
    hot,
    tid,
  );
  yield* change(
    `UPDATE skein_thread SET owner = ?, title = ?, agent_id = ?, kind = ?, created_at = ?,
       archived_at = ?, deleted_at = ?, purged_at = ?, oldest = ?, forked_from = ?,
       due_at = ?, profile = ?
     WHERE tid = ?`,
    ...encodeProfile(head.profile),
    tid,
  );
  yield* change("DELETE FROM skein_branch WHERE tid = ?", tid);
  const others = Object.values(head.branches).filter(({ name }) => name !== MAIN);
  yield* insertRows(
    dialect,
    BRANCHES,
    others.map((branch) => [tid, branch.name, JSON.stringify(branch)]),
  );
}
