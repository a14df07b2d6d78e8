import { OP_CODES } from "./codes.ts";
import type { Dialect } from "./dialect.ts";
import { insertRows } from "./insert-rows.ts";
import type { Target } from "./insert-rows.ts";
import { isInRange, keptRanges } from "./kept-ranges.ts";
import type { KeptRange } from "./kept-ranges.ts";
import { listOf } from "./list-of.ts";
import { change } from "./plan.ts";
import type { Plan } from "./plan.ts";
import type { TrimRecord } from "./records.ts";
import { removeEntries } from "./remove-entries.ts";
import { storedEntries } from "./stored-entries.ts";
import type { StoredEntry } from "./stored-entries.ts";
import { originsToSweep, sweepThread } from "./sweep.ts";

const INCLUSIONS: Target = {
  table: "skein_inclusion",
  columns: ["origin_tid", "seg", "tid", "from_pos", "up_to"],
};

/** Notes which messages of other threads a fork shows. */
export function includeRanges(
  dialect: Dialect,
  tid: number,
  ranges: readonly KeptRange[],
): Plan<void> {
  const included = ranges.filter((range) => range.tid !== tid);
  return insertRows(
    dialect,
    INCLUSIONS,
    included.map((range) => [range.tid, range.number, tid, range.from, range.to]),
  );
}

/** Lets go of everything but what the branches lead to and what is queued. What a fork includes stays for it, marked. The
 *  entry of the trim is in the log already. Costs O(the thread's rows). */
export function* trimThread(
  dialect: Dialect,
  tenant: string,
  tid: number,
  { version, ends }: TrimRecord,
): Plan<void> {
  const origins = yield* originsToSweep(tid);
  const ranges = yield* keptRanges(dialect, ends);
  yield* change("DELETE FROM skein_inclusion WHERE tid = ?", tid);
  yield* includeRanges(dialect, tid, ranges);

  const bySegment = Map.groupBy(
    ranges.filter((range) => range.tid === tid),
    ({ number }) => number,
  );
  const isOwn = ({ segment, position, role }: StoredEntry): boolean =>
    segment !== null &&
    position !== null &&
    (bySegment.get(segment) ?? []).some((range) => isInRange(range, position, role));
  const isQueued = ({ op, body }: StoredEntry): boolean =>
    op === OP_CODES["message.enqueue"] && body === null;
  const entries = yield* storedEntries(tid);
  yield* markReleased(
    tid,
    entries
      .filter((entry) => entry.isIncluded && !entry.isReleased && !isOwn(entry))
      .map(({ version, messageId }) => ({ version, messageId: messageId ?? "" })),
  );
  yield* removeEntries(
    tenant,
    tid,
    entries,
    (entry) => entry.version >= version || entry.isIncluded || isOwn(entry) || isQueued(entry),
  );
  for (const origin of origins) yield* sweepThread(origin);
}

const AT_ONCE = 256;

/** Marks messages that only forks have from now on. */
export function* markReleased(
  tid: number,
  messages: readonly { readonly version: number; readonly messageId: string }[],
): Plan<void> {
  for (let at = 0; at < messages.length; at += AT_ONCE) {
    const some = messages.slice(at, at + AT_ONCE);
    const versions = listOf(some.map(({ version }) => version));
    yield* change(
      `UPDATE skein_entry SET released = 1 WHERE tid = ? AND version IN ${versions.sql}`,
      tid,
      ...versions.parameters,
    );
    const ids = listOf(some.map(({ messageId }) => messageId));
    yield* change(
      `UPDATE skein_blob_ref SET released = 1 WHERE tid = ? AND mid IN ${ids.sql}`,
      tid,
      ...ids.parameters,
    );
  }
}
