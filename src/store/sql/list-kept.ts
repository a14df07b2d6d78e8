import { MAIN } from "../../model/thread.ts";
import type { Place } from "../../model/message.ts";
import type { ThreadKey } from "../key.ts";
import type { KeptMessage } from "../trim.ts";
import { numberOrNullAt, parseStored, textAt, textOrNullAt } from "./cell.ts";
import type { Row } from "./cell.ts";
import { OP_CODES } from "./codes.ts";
import { FOUND_COLUMNS, POSITION, WHOLE_WIDTH, messageOfRow, messageRowOf } from "./message-row.ts";
import type { MessageRow } from "./message-row.ts";
import { row, rows } from "./plan.ts";
import type { Plan } from "./plan.ts";
import { segmentAt } from "./segments.ts";
import type { Point } from "./segments.ts";

const BRANCH = 23;
const OP = 24;
const PAYLOAD = 25;
const IS_FIRST = 26;
const IS_PURGED = 27;

// Known before the log is looked at: a thread that was never trimmed costs nothing.
const END = `(SELECT CASE WHEN t.purged_at IS NULL THEN t.oldest ELSE ${Number.MAX_SAFE_INTEGER} END
  FROM skein_thread t WHERE t.tenant = ? AND t.id = ?)`;

/** What a trimmed thread wrote before its log begins, and it or a fork still has, and what forks have of a purged one, in the
 *  order of versions. One statement, and some for
 *  each segment that begins on the page. */
export function* listKept(
  { tenant, id }: ThreadKey,
  after: number,
  limit: number,
): Plan<readonly KeptMessage[]> {
  const found = yield* rows(
    `SELECT ${FOUND_COLUMNS}, e.branch, e.op, CASE WHEN e.body IS NOT NULL THEN e.payload END,
       CASE WHEN EXISTS (SELECT 1 FROM skein_entry q WHERE q.tid = e.tid AND q.seg = e.seg AND q.pos < e.pos)
         THEN 0 ELSE 1 END,
       CASE WHEN k.purged_at IS NULL THEN 0 ELSE 1 END
     FROM skein_thread k CROSS JOIN skein_entry e CROSS JOIN skein_thread home
       LEFT JOIN skein_entry b ON b.tid = e.tid AND b.version = e.body
     WHERE k.tenant = ? AND k.id = ? AND home.tid = k.tid AND e.tid = k.tid
       AND e.version > ? AND e.version < ${END} AND e.role IS NOT NULL
       AND (e.pos IS NOT NULL OR k.purged_at IS NULL AND (e.body IS NULL OR e.body >= k.oldest))
     ORDER BY e.version LIMIT ?`,
    tenant,
    id,
    after,
    tenant,
    id,
    limit,
  );
  const kept: KeptMessage[] = [];
  for (const it of found) {
    const message = messageRowOf(it);
    kept.push({
      message: messageOfRow(asKept(it), id, message.parentId, message.depth),
      place: yield* placeOf(message),
      ...((message.isReleased || it[IS_PURGED] === 1) && { isReleased: true }),
    });
  }
  return kept;
}

/** What waited when the thread was trimmed is told as it waited, without what became of it. */
function asKept(found: Row): Row {
  return found[POSITION] === null ? found.slice(0, WHOLE_WIDTH) : found;
}

function* placeOf({
  row: found,
  tid,
  threadId,
  seg,
  pos,
  depth,
  parentId,
  turnId,
  pending,
}: MessageRow): Plan<Place | null> {
  if (seg === null || pos === null || depth === null) return null;
  const place = {
    branch: branchOf(found),
    segment: { threadId, number: seg },
    position: pos,
    parentId,
    depth,
    turnId,
    pending,
  };
  if (found[IS_FIRST] === 0) return place;
  const continues = yield* lastBefore((yield* segmentAt(tid, seg)).parent);
  return continues === undefined ? place : { ...place, continues };
}

/** A queued message may take its place on another branch than it was queued for. */
function branchOf(found: Row): string {
  const payload = found[OP] === OP_CODES["message.dequeue"] ? textOrNullAt(found, PAYLOAD) : null;
  const { placeBranch } = parseStored<{ placeBranch?: string }>(payload ?? "{}");
  return placeBranch ?? textOrNullAt(found, BRANCH) ?? MAIN;
}

/** The last message at or before a place on its path that is still there. */
function* lastBefore(start: Point | null): Plan<Place["continues"]> {
  for (let next = start; next !== null;) {
    const last: Row | undefined = yield* row(
      `SELECT t.id, (SELECT max(e.pos) FROM skein_entry e WHERE e.tid = t.tid AND e.seg = ? AND e.pos <= ?)
       FROM skein_thread t WHERE t.tid = ?`,
      next.number,
      next.position,
      next.tid,
    );
    const position = last === undefined ? null : numberOrNullAt(last, 1);
    if (last !== undefined && position !== null)
      return { segment: { threadId: textAt(last, 0), number: next.number }, position };
    next = (yield* segmentAt(next.tid, next.number)).parent;
  }
  return undefined;
}
