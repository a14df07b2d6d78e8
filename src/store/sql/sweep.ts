import { numberAt, textAt } from "./cell.ts";
import { OP_CODES } from "./codes.ts";
import { listOf } from "./list-of.ts";
import { change, row, rows } from "./plan.ts";
import type { Plan } from "./plan.ts";
import { removeEntries } from "./remove-entries.ts";
import { storedEntries } from "./stored-entries.ts";

const AT_ONCE = 256;

/** The threads whose messages a fork includes, if they have any that stand only for forks. Asked before the fork lets go of
 *  some of them. */
export function* originsToSweep(tid: number): Plan<readonly number[]> {
  const origins = yield* rows(
    `SELECT DISTINCT i.origin_tid FROM skein_inclusion i JOIN skein_thread t ON t.tid = i.origin_tid
     WHERE i.tid = ? AND (t.purged_at IS NOT NULL OR t.oldest > 1)`,
    tid,
  );
  return origins.map((origin) => numberAt(origin, 0));
}

/** Removes the messages of a thread that no fork includes any more: of a purged one all of them, of a trimmed one those that
 *  it let go of. */
export function* sweepThread(tid: number): Plan<void> {
  const thread = yield* row("SELECT tenant, purged_at FROM skein_thread WHERE tid = ?", tid);
  if (thread === undefined) return;
  const tenant = textAt(thread, 0);
  const entries = yield* storedEntries(tid);
  if (thread[1] === null) {
    const lost = entries.filter((entry) => entry.isReleased && !entry.isIncluded);
    if (lost.length === 0) return;
    const gone = new Set(lost.flatMap(({ version, body }) => [version, body ?? version]));
    yield* removeEntries(tenant, tid, entries, ({ version }) => !gone.has(version));
    return;
  }
  const purge = OP_CODES["thread.purge"];
  const isKept = ({ op, isIncluded }: (typeof entries)[number]): boolean =>
    isIncluded || op === purge;
  const removed = yield* removeEntries(tenant, tid, entries, isKept);
  yield* change(
    `DELETE FROM skein_segment WHERE tid = ?
     AND number NOT IN (SELECT seg FROM skein_inclusion WHERE origin_tid = ?)`,
    tid,
    tid,
  );
  yield* removeGivenIds(tenant, tid, removed);
}

/** Those of messages that a trim has taken stay with the thread, and go with it. */
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
