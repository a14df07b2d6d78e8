import { numberAt, numberOrNullAt, textAt } from "./cell.ts";
import type { Row } from "./cell.ts";
import { OP_CODES } from "./codes.ts";
import { listOf } from "./list-of.ts";
import { change, row, rows } from "./plan.ts";
import type { Plan } from "./plan.ts";
import { dropBlobReferences } from "./write-blobs.ts";

/** Removes everything of a thread but its tombstone, the row of its purge, and messages that a living fork shows. */
export function* purgeThread(tid: number): Plan<void> {
  const origins = yield* rows(
    `SELECT DISTINCT i.origin_tid FROM skein_inclusion i JOIN skein_thread t ON t.tid = i.origin_tid
     WHERE i.tid = ? AND t.purged_at IS NOT NULL`,
    tid,
  );
  for (const table of ["inclusion", "branch", "member", "operation", "run", "step", "chunk"])
    yield* change(`DELETE FROM skein_${table} WHERE tid = ?`, tid);
  yield* removeUnincluded(tid);
  // It may have been the last fork that showed a purged thread's messages.
  for (const origin of origins) yield* removeUnincluded(numberAt(origin, 0));
}

function* removeUnincluded(tid: number): Plan<void> {
  const thread = yield* row("SELECT tenant FROM skein_thread WHERE tid = ?", tid);
  const tenant = textAt(thread ?? [], 0);
  const kept = yield* includedVersions(tid);
  const stored = yield* rows(
    "SELECT version, mid, role, given FROM skein_entry WHERE tid = ? AND op <> ?",
    tid,
    OP_CODES["thread.purge"],
  );
  const removed = stored.filter((entry) => !kept.has(numberAt(entry, 0)));
  yield* removeEntries(tid, kept, removed);
  yield* change(
    `DELETE FROM skein_segment WHERE tid = ?
     AND number NOT IN (SELECT seg FROM skein_inclusion WHERE origin_tid = ?)`,
    tid,
    tid,
  );
  const messages = removed.filter((entry) => entry[2] !== null);
  yield* removeGivenIds(tenant, tid, idsOf(messages.filter((entry) => entry[3] !== null)));
  yield* dropBlobReferences(tenant, tid, idsOf(messages));
}

/** Versions with the place or the content of a message that a fork includes. */
function* includedVersions(tid: number): Plan<ReadonlySet<number>> {
  const included = yield* rows(
    `SELECT e.version, e.body FROM skein_entry e WHERE e.tid = ? AND e.pos IS NOT NULL AND EXISTS (
       SELECT 1 FROM skein_inclusion i
       WHERE i.origin_tid = e.tid AND i.seg = e.seg AND i.up_to >= e.pos)`,
    tid,
  );
  return new Set(
    included.flatMap((entry) => [numberAt(entry, 0), numberOrNullAt(entry, 1) ?? []].flat()),
  );
}

const AT_ONCE = 256;

function* removeEntries(
  tid: number,
  kept: ReadonlySet<number>,
  removed: readonly Row[],
): Plan<void> {
  if (kept.size === 0) {
    const purge = OP_CODES["thread.purge"];
    yield* change("DELETE FROM skein_entry WHERE tid = ? AND op <> ?", tid, purge);
    return;
  }
  for (let at = 0; at < removed.length; at += AT_ONCE) {
    const some = removed.slice(at, at + AT_ONCE);
    const versions = listOf(some.map((entry) => numberAt(entry, 0)));
    yield* change(
      `DELETE FROM skein_entry WHERE tid = ? AND version IN ${versions.sql}`,
      tid,
      ...versions.parameters,
    );
  }
}

function* removeGivenIds(tenant: string, tid: number, ids: readonly string[]): Plan<void> {
  for (let at = 0; at < ids.length; at += AT_ONCE) {
    const some = listOf(ids.slice(at, at + AT_ONCE));
    yield* change(
      `DELETE FROM skein_given_id WHERE tenant = ? AND id IN ${some.sql} AND tid = ?`,
      tenant,
      ...some.parameters,
      tid,
    );
  }
}

function idsOf(messages: readonly Row[]): readonly string[] {
  return [...new Set(messages.map((entry) => textAt(entry, 1)))];
}
