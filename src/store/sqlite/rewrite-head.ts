import type { Entry } from "../../model/entry.ts";
import { MAIN } from "../../model/thread.ts";
import type { ThreadHead } from "../../model/thread.ts";
import type { Connection } from "./connection.ts";
import { encodeRuns, encodeSteps } from "../sql/encode-rare.ts";
import { encodeHot, encodeProfile } from "../sql/head-codec.ts";
import { writeRuns } from "./write-rare.ts";

/** Puts a head that was made from the log into the tables. Lists are left to whoever checks them. */
export function rewriteHead(connection: Connection, tid: number, head: ThreadHead): void {
  const { updatedAt, status, hot } = encodeHot(head);
  connection
    .statement(
      "UPDATE skein_head SET version = ?, updated_at = ?, status = ?, hot = ? WHERE tid = ?",
    )
    .run(head.version, updatedAt, status, hot, tid);
  connection
    .statement(
      `UPDATE skein_thread SET owner = ?, title = ?, agent_id = ?, kind = ?, created_at = ?,
         archived_at = ?, deleted_at = ?, purged_at = ?, profile = ? WHERE tid = ?`,
    )
    .run(...encodeProfile(head.profile), tid);
  connection.statement("DELETE FROM skein_branch WHERE tid = ?").run(tid);
  for (const branch of Object.values(head.branches))
    if (branch.name !== MAIN)
      connection
        .statement("INSERT INTO skein_branch (tid, name, head) VALUES (?, ?, ?)")
        .run(tid, branch.name, JSON.stringify(branch));
}

/** Makes the runs and steps of a thread anew from its whole log. */
export function rewriteRuns(
  connection: Connection,
  tid: number,
  entries: readonly Entry[],
  after: ThreadHead,
): void {
  for (const table of ["run", "step"])
    connection.statement(`DELETE FROM skein_${table} WHERE tid = ?`).run(tid);
  const runs = encodeRuns({ entries, before: null, after });
  writeRuns(
    connection,
    tid,
    runs.toSorted((a, b) => Number(a[CREATED_AT]) - Number(b[CREATED_AT])),
    encodeSteps(entries),
  );
}

const CREATED_AT = 3;
