import { MAIN } from "../../model/thread.ts";
import type { ThreadHead } from "../../model/thread.ts";
import type { Connection } from "./connection.ts";
import { encodeHot, encodeProfile } from "./head-codec.ts";

/** Puts a head that was made from the log into the tables. Lists are left to whoever checks them. */
export function rewriteHead(connection: Connection, tid: number, head: ThreadHead): void {
  const { updatedAt, status, hot } = encodeHot(head);
  connection
    .statement("UPDATE head SET version = ?, updated_at = ?, status = ?, hot = ? WHERE tid = ?")
    .run(head.version, updatedAt, status, hot, tid);
  connection
    .statement(
      `UPDATE thread SET owner = ?, title = ?, agent_id = ?, kind = ?, created_at = ?,
         archived_at = ?, deleted_at = ?, purged_at = ?, profile = ? WHERE tid = ?`,
    )
    .run(...encodeProfile(head.profile), tid);
  connection.statement("DELETE FROM branch WHERE tid = ?").run(tid);
  for (const branch of Object.values(head.branches))
    if (branch.name !== MAIN)
      connection
        .statement("INSERT INTO branch (tid, name, head) VALUES (?, ?, ?)")
        .run(tid, branch.name, JSON.stringify(branch));
}
