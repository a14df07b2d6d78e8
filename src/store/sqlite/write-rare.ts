import type { ErasedMessage } from "../sql/batch-log.ts";
import type { Connection } from "./connection.ts";
import { annotateMessage, bringCommit, bringDequeue } from "./change-message.ts";
import { relist, unlist, writeMembers } from "./listing-rows.ts";
import { purgeThread } from "./purge.ts";
import { redactMessage } from "./redact.ts";
import type { MessageChange, ProfileRecord, RareRecord, WriteRecord } from "../sql/records.ts";
import { stretchesBack } from "./segments.ts";
import type { ThreadIds } from "./thread-ids.ts";

/** Everything of a write but its entries and its head. */
export function writeRare(
  connection: Connection,
  ids: ThreadIds,
  tid: number,
  { tenant, base }: WriteRecord,
  rare: RareRecord,
  erased: ErasedMessage[],
): void {
  if (rare.profile !== undefined && base > 0) updateProfile(connection, tid, rare.profile);
  for (const segment of rare.segments) {
    const { number, startDepth, parent } = segment;
    connection
      .statement("INSERT INTO skein_segment VALUES (?, ?, ?, ?, ?, ?)")
      .run(
        tid,
        number,
        startDepth,
        parent && tidOf(ids, tenant, parent.threadId),
        parent && parent.number,
        parent && parent.position,
      );
  }
  if (rare.origin !== undefined) includeOrigin(connection, ids, tenant, tid, rare.origin);
  writeTables(connection, tenant, tid, rare);
  for (const change of rare.changes) changeMessage(connection, tenant, tid, change, erased);
  if (rare.isPurge) purgeThread(connection, tid);
}

function updateProfile(
  connection: Connection,
  tid: number,
  { columns, listing }: ProfileRecord,
): void {
  if (listing !== undefined) unlist(connection, tid);
  connection
    .statement(
      `UPDATE skein_thread SET owner = ?, title = ?, agent_id = ?, kind = ?, created_at = ?,
         archived_at = ?, deleted_at = ?, purged_at = ?, profile = ? WHERE tid = ?`,
    )
    .run(...columns, tid);
  if (listing === undefined) return;
  writeMembers(connection, tid, listing);
  relist(connection, tid, listing.state);
}

/** Notes which messages of other threads a fork shows, by segment. */
function includeOrigin(
  connection: Connection,
  ids: ThreadIds,
  tenant: string,
  tid: number,
  { threadId, number, position }: NonNullable<RareRecord["origin"]>,
): void {
  const end = { tid: tidOf(ids, tenant, threadId), number, position };
  for (const stretch of stretchesBack(connection, end))
    connection
      .statement("INSERT INTO skein_inclusion (origin_tid, seg, tid, up_to) VALUES (?, ?, ?, ?)")
      .run(stretch.tid, stretch.number, tid, stretch.position);
}

function writeTables(
  connection: Connection,
  tenant: string,
  tid: number,
  { given, operation, branches, removedBranches, runs, steps, blobs }: RareRecord,
): void {
  for (const [id, version] of given)
    if (version !== null)
      connection
        .statement(
          "INSERT INTO skein_given_id (tenant, id, tid, version, place) VALUES (?1, ?2, ?3, ?4, ?4)",
        )
        .run(tenant, id, tid, version);
  if (operation !== undefined) {
    const { user, opId, digest, fromVersion, toVersion } = operation;
    connection
      .statement("INSERT INTO skein_operation VALUES (?, ?, ?, ?, ?, ?, ?)")
      .run(tenant, user, opId, tid, digest, fromVersion, toVersion);
  }
  for (const name of removedBranches)
    connection.statement("DELETE FROM skein_branch WHERE tid = ? AND name = ?").run(tid, name);
  for (const [name, head] of branches)
    connection
      .statement("INSERT OR REPLACE INTO skein_branch (tid, name, head) VALUES (?, ?, ?)")
      .run(tid, name, head);
  writeRuns(connection, tid, runs, steps);
  for (const [sha256, messageId] of blobs)
    connection
      .statement(
        "INSERT OR IGNORE INTO skein_blob_ref (tenant, sha256, tid, mid) VALUES (?, ?, ?, ?)",
      )
      .run(tenant, sha256, tid, messageId);
}

export function writeRuns(
  connection: Connection,
  tid: number,
  runs: RareRecord["runs"],
  steps: RareRecord["steps"],
): void {
  for (const run of runs)
    connection
      .statement(
        `INSERT INTO skein_run (tid, id, status, branch, created_at, holds, ended, data)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT (tid, id) DO UPDATE SET status = excluded.status, branch = excluded.branch,
           holds = excluded.holds, ended = excluded.ended, data = excluded.data`,
      )
      .run(tid, ...run);
  for (const step of steps)
    connection
      .statement(
        `INSERT INTO skein_step (tid, run_id, id, data) VALUES (?, ?, ?, ?)
         ON CONFLICT (tid, run_id, id) DO UPDATE SET data = excluded.data`,
      )
      .run(tid, ...step);
}

function changeMessage(
  connection: Connection,
  tenant: string,
  tid: number,
  change: MessageChange,
  erased: ErasedMessage[],
): void {
  switch (change.kind) {
    case "commit":
      return bringCommit(connection, tid, change);
    case "dequeue":
      return bringDequeue(connection, tenant, tid, change);
    case "annotate":
      return annotateMessage(connection, tenant, tid, change);
    case "redact": {
      const home = redactMessage(connection, tenant, tid, change.messageId);
      if (home !== undefined) erased.push({ tid: home, messageId: change.messageId });
    }
  }
}

function tidOf(ids: ThreadIds, tenant: string, id: string): number {
  const tid = ids.find(tenant, id);
  if (tid === undefined) throw new TypeError(`There is no thread ${id} to build on.`);
  return tid;
}
