import type { SegmentRef } from "../../model/message.ts";
import { numberAt, numberOrNullAt, textAt } from "./cell.ts";
import type { Dialect } from "./dialect.ts";
import { row, rows } from "./plan.ts";
import type { Plan } from "./plan.ts";

/** A place in a thread's segments, by numbers. */
export interface Point {
  readonly tid: number;
  readonly number: number;
  readonly position: number;
}

export interface Segment {
  /** Depth of its first message. */
  readonly startDepth: number;
  /** After which message it starts; `null` at the root. */
  readonly parent: Point | null;
}

/** A stretch of a path: the first `position` messages of a segment. */
export interface Stretch extends Point {
  readonly startDepth: number;
}

const FIRST: Segment = { startDepth: 0, parent: null };

/** A thread's first segment has a row only if it does not start at the root. */
export function* segmentAt(tid: number, number: number): Plan<Segment> {
  const found = yield* row(
    `SELECT start_depth, parent_tid, parent_number, parent_position
     FROM skein_segment WHERE tid = ? AND number = ?`,
    tid,
    number,
  );
  if (found === undefined) return FIRST;
  const parentTid = numberOrNullAt(found, 1);
  return {
    startDepth: numberAt(found, 0),
    parent:
      parentTid === null
        ? null
        : { tid: parentTid, number: numberAt(found, 2), position: numberAt(found, 3) },
  };
}

/** The segments of the path that ends at `end`, from the last one back to the root. */
export function* stretchesBack(
  dialect: Dialect,
  { tid, number, position }: Point,
): Plan<readonly Stretch[]> {
  const found = yield* rows(
    `${stretchTable(dialect, "t.tid = ?3")}
     SELECT tid, number, position, start_depth FROM stretch WHERE position > 0
     ORDER BY start_depth DESC`,
    number,
    position,
    tid,
  );
  return found.map((stretch) => ({
    tid: numberAt(stretch, 0),
    number: numberAt(stretch, 1),
    position: numberAt(stretch, 2),
    startDepth: numberAt(stretch, 3),
  }));
}

/** Whether a place is on the path that ends at another one. */
export function* isOnPath(
  dialect: Dialect,
  place: Point,
  tenant: string,
  { segment, position }: PlaceRef,
): Plan<boolean> {
  const found = yield* row(
    `${stretchTable(dialect, "t.tenant = ?3 AND t.id = ?4")}
     SELECT 1 FROM stretch WHERE tid = ?5 AND number = ?6 AND position >= ?7`,
    segment.number,
    position,
    tenant,
    segment.threadId,
    place.tid,
    place.number,
    place.position,
  );
  return found !== undefined;
}

interface PlaceRef {
  readonly segment: SegmentRef;
  readonly position: number;
}

/** The table `stretch` of the path that ends at position ?2 of segment ?1 of the thread `t`; at position 0 it is empty but
 *  for that. */
export function stretchTable(dialect: Dialect, thread: string): string {
  return `WITH RECURSIVE stretch (tid, number, position, start_depth) AS (
    SELECT t.tid, ${dialect.integer("?1")}, ${dialect.integer("?2")}, ${startDepthOf("t.tid", "?1")}
    FROM skein_thread t WHERE ${thread}
    UNION ALL
    SELECT s.parent_tid, s.parent_number, s.parent_position,
      ${startDepthOf("s.parent_tid", "s.parent_number")}
    FROM stretch k JOIN skein_segment s ON s.tid = k.tid AND s.number = k.number
    WHERE s.parent_tid IS NOT NULL AND k.position > 0)`;
}

/** The depth of a segment's first message, in SQL. */
export function startDepthOf(tid: string, number: string): string {
  return `coalesce((SELECT p.start_depth FROM skein_segment p WHERE p.tid = ${tid} AND p.number = ${number}), 0)`;
}

/** Id of the message at a place. */
export function* messageIdAt({ tid, number, position }: Point): Plan<string | null> {
  const found = yield* row(
    "SELECT mid FROM skein_entry WHERE tid = ? AND seg = ? AND pos = ?",
    tid,
    number,
    position,
  );
  return found === undefined ? null : textAt(found, 0);
}
