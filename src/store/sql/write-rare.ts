import type { ErasedMessage } from "./batch-log.ts";
import { annotateMessage, bringCommit, bringDequeue, quoteMessage } from "./change-message.ts";
import type { Dialect } from "./dialect.ts";
import { insertRows } from "./insert-rows.ts";
import { keptRanges } from "./kept-ranges.ts";
import type { Target } from "./insert-rows.ts";
import { relist, unlist, writeMembers } from "./listing-rows.ts";
import { change } from "./plan.ts";
import type { Plan } from "./plan.ts";
import { purgeThread } from "./purge.ts";
import type {
  MessageChange,
  OperationRecord,
  ProfileRecord,
  RareRecord,
  TrimRecord,
  WriteRecord,
} from "./records.ts";
import { redactMessage } from "./redact.ts";
import type { ThreadIds } from "./thread-ids.ts";
import { includeRanges, markReleased, trimThread } from "./trim.ts";
import { addBlobReferences } from "./write-blobs.ts";
import { writeRuns } from "./write-runs.ts";

const SEGMENTS: Target = {
  table: "skein_segment",
  columns: ["tid", "number", "start_depth", "parent_tid", "parent_number", "parent_position"],
};

const GIVEN_IDS: Target = {
  table: "skein_given_id",
  columns: ["tenant", "id", "tid", "version", "place"],
};

const OPERATIONS: Target = {
  table: "skein_operation",
  columns: ["tenant", "user_id", "op_id", "tid", "digest", "from_version", "to_version"],
};

const BRANCHES: Target = {
  table: "skein_branch",
  columns: ["tid", "name", "head"],
  key: ["tid", "name"],
};

/** Everything of a write but its entries and its head. */
export function* writeRare(
  dialect: Dialect,
  ids: ThreadIds,
  tid: number,
  { tenant, base }: WriteRecord,
  rare: RareRecord,
  erased: ErasedMessage[],
): Plan<void> {
  if (rare.profile !== undefined && base > 0) yield* updateProfile(dialect, tid, rare.profile);
  yield* writeSegments(dialect, ids, tenant, tid, rare.segments);
  if (rare.origin !== undefined)
    yield* includeRanges(dialect, tid, yield* keptRanges(dialect, [rare.origin]));
  yield* writeTables(dialect, tenant, tid, rare);
  for (const change of rare.changes) yield* changeMessage(tenant, tid, change, erased);
  if (rare.isPurge) yield* purgeThread(tid);
  if (rare.trim !== undefined) yield* writeTrim(dialect, ids, tenant, tid, rare.trim);
}

function* writeSegments(
  dialect: Dialect,
  ids: ThreadIds,
  tenant: string,
  tid: number,
  segments: RareRecord["segments"],
): Plan<void> {
  for (const { number, startDepth, parent } of segments) {
    const parentTid = parent && (yield* tidOf(ids, tenant, parent.threadId));
    const place = [parentTid, parent && parent.number, parent && parent.position];
    yield* insertRows(dialect, SEGMENTS, [[tid, number, startDepth, ...place]]);
  }
}

/** A thread that comes trimmed has nothing to let go of. */
function* writeTrim(
  dialect: Dialect,
  ids: ThreadIds,
  tenant: string,
  tid: number,
  trim: TrimRecord,
): Plan<void> {
  if (trim.kept === undefined) return yield* trimThread(dialect, tenant, tid, trim);
  const { given = [], operations = [] } = trim.earlier ?? {};
  yield* insertRows(
    dialect,
    GIVEN_IDS,
    given.map(([id, version, place]) => [tenant, id, tid, version, place]),
  );
  yield* writeOperations(dialect, tenant, tid, operations);
  const segments = trim.kept.flatMap(({ segment }) => segment ?? []);
  // A first segment that starts at the root has no row.
  const others = segments.filter(({ number, startDepth }) => number > 0 || startDepth > 0);
  yield* writeSegments(dialect, ids, tenant, tid, others);
  yield* addBlobReferences(
    dialect,
    tenant,
    tid,
    trim.kept.flatMap(({ blobs }) => blobs),
  );
  yield* markReleased(
    tid,
    trim.kept.filter(({ isReleased }) => isReleased),
  );
  yield* includeRanges(dialect, tid, yield* keptRanges(dialect, trim.ends));
}

function* updateProfile(
  dialect: Dialect,
  tid: number,
  { columns, listing }: ProfileRecord,
): Plan<void> {
  if (listing !== undefined) yield* unlist(tid);
  yield* change(
    `UPDATE skein_thread SET owner = ?, title = ?, agent_id = ?, kind = ?, created_at = ?,
       archived_at = ?, deleted_at = ?, purged_at = ?, oldest = ?, forked_from = ?,
       due_at = ?, profile = ?
     WHERE tid = ?`,
    ...columns,
    tid,
  );
  if (listing === undefined) return;
  yield* writeMembers(dialect, tid, listing);
  yield* relist(dialect, tid, listing.state);
}

function* writeTables(
  dialect: Dialect,
  tenant: string,
  tid: number,
  { given, operation, branches, removedBranches, runs, steps, blobs }: RareRecord,
): Plan<void> {
  const taken = given.filter(([, version]) => version !== null);
  yield* insertRows(
    dialect,
    GIVEN_IDS,
    taken.map(([id, version]) => [tenant, id, tid, version, version]),
  );
  if (operation !== undefined) yield* writeOperations(dialect, tenant, tid, [operation]);
  for (const name of removedBranches)
    yield* change("DELETE FROM skein_branch WHERE tid = ? AND name = ?", tid, name);
  yield* insertRows(
    dialect,
    BRANCHES,
    branches.map(([name, head]) => [tid, name, head]),
  );
  yield* writeRuns(dialect, tid, runs, steps);
  yield* addBlobReferences(dialect, tenant, tid, blobs);
}

function writeOperations(
  dialect: Dialect,
  tenant: string,
  tid: number,
  operations: readonly OperationRecord[],
): Plan<void> {
  return insertRows(
    dialect,
    OPERATIONS,
    operations.map(({ user, opId, digest, fromVersion, toVersion }) => [
      tenant,
      user,
      opId,
      tid,
      digest,
      fromVersion,
      toVersion,
    ]),
  );
}

function* changeMessage(
  tenant: string,
  tid: number,
  messageChange: MessageChange,
  erased: ErasedMessage[],
): Plan<void> {
  switch (messageChange.kind) {
    case "commit":
      return yield* bringCommit(tid, messageChange);
    case "dequeue":
      return yield* bringDequeue(tenant, tid, messageChange);
    case "annotate":
      return yield* annotateMessage(tid, messageChange);
    case "quote":
      return yield* quoteMessage(tid, messageChange);
    case "redact": {
      const { messageId } = messageChange;
      const home = yield* redactMessage(tenant, tid, messageId);
      if (home !== undefined) erased.push({ tid: home, messageId });
    }
  }
}

function* tidOf(ids: ThreadIds, tenant: string, id: string): Plan<number> {
  const tid = yield* ids.find(tenant, id);
  if (tid === undefined) throw new TypeError(`There is no thread ${id} to build on.`);
  return tid;
}
