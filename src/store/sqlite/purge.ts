import { dropBlobReferences } from "./blobs.ts";
import { numberAt, textAt } from "../sql/cell.ts";
import type { Connection } from "./connection.ts";

/** Removes everything of a thread but its tombstone, the row of its purge, and messages that a living fork shows. */
export function purgeThread(connection: Connection, tid: number): void {
  const origins = connection
    .statement(
      `SELECT DISTINCT i.origin_tid FROM skein_inclusion i JOIN skein_thread t ON t.tid = i.origin_tid
       WHERE i.tid = ? AND t.purged_at IS NOT NULL`,
    )
    .rows(tid);
  for (const table of ["inclusion", "branch", "member", "operation", "run", "step", "chunk"])
    connection.statement(`DELETE FROM skein_${table} WHERE tid = ?`).run(tid);
  removeUnincluded(connection, tid);
  // It may have been the last fork that showed a purged thread's messages.
  for (const row of origins) removeUnincluded(connection, numberAt(row, 0));
}

const IS_INCLUDED = `EXISTS (SELECT 1 FROM skein_inclusion i
  WHERE i.origin_tid = e.tid AND i.seg = e.seg AND i.up_to >= e.pos)`;

const INCLUDED_BODIES = `SELECT p.body FROM skein_entry p
  WHERE p.tid = ?1 AND p.body IS NOT NULL AND p.pos IS NOT NULL AND EXISTS (
    SELECT 1 FROM skein_inclusion i WHERE i.origin_tid = p.tid AND i.seg = p.seg AND i.up_to >= p.pos)`;

function removeUnincluded(connection: Connection, tid: number): void {
  const tenant = textAt(
    connection.statement("SELECT tenant FROM skein_thread WHERE tid = ?").row(tid) ?? [],
    0,
  );
  const removed = connection
    .statement(
      `SELECT DISTINCT e.mid, e.given FROM skein_entry e
       WHERE e.tid = ?1 AND e.role IS NOT NULL AND NOT (e.pos IS NOT NULL AND ${IS_INCLUDED})
         AND e.version NOT IN (${INCLUDED_BODIES})`,
    )
    .rows(tid);
  connection
    .statement(
      `DELETE FROM skein_entry AS e WHERE e.tid = ?1 AND e.op IS NOT 11
         AND NOT (e.pos IS NOT NULL AND ${IS_INCLUDED})
         AND e.version NOT IN (${INCLUDED_BODIES})`,
    )
    .run(tid);
  connection
    .statement(
      `DELETE FROM skein_segment WHERE tid = ?1
       AND number NOT IN (SELECT seg FROM skein_inclusion WHERE origin_tid = ?1)`,
    )
    .run(tid);
  for (const row of removed)
    if (row[1] !== null)
      connection
        .statement("DELETE FROM skein_given_id WHERE tenant = ? AND id = ? AND tid = ?")
        .run(tenant, textAt(row, 0), tid);
  dropBlobReferences(
    connection,
    tenant,
    tid,
    removed.map((row) => textAt(row, 0)),
  );
}
