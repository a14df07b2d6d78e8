import { numberAt, numberOrNullAt, textAt } from "../sql/cell.ts";
import type { Connection } from "./connection.ts";

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
export function segmentAt(connection: Connection, tid: number, number: number): Segment {
  const row = connection
    .statement(
      `SELECT start_depth, parent_tid, parent_number, parent_position
       FROM skein_segment WHERE tid = ? AND number = ?`,
    )
    .row(tid, number);
  if (row === undefined) return FIRST;
  const parentTid = numberOrNullAt(row, 1);
  return {
    startDepth: numberAt(row, 0),
    parent:
      parentTid === null
        ? null
        : { tid: parentTid, number: numberAt(row, 2), position: numberAt(row, 3) },
  };
}

/** The segments of the path that ends at `end`, from the last one back to the root. */
export function* stretchesBack(connection: Connection, end: Point): Generator<Stretch> {
  let next: Point | null = end;
  while (next !== null && next.position > 0) {
    const { tid, number, position }: Point = next;
    const segment = segmentAt(connection, tid, number);
    yield { tid, number, position, startDepth: segment.startDepth };
    next = segment.parent;
  }
}

/** The messages of a stretch from `from` to `position`. */
export interface Slice extends Stretch {
  readonly from: number;
}

/** What the path that ends at `end` has between two depths, by segments, from the last one back. */
export function* slicesBack(
  connection: Connection,
  end: Point,
  minDepth: number,
  maxDepth: number,
): Generator<Slice> {
  for (const stretch of stretchesBack(connection, end)) {
    const { startDepth } = stretch;
    const from = Math.max(1, minDepth - startDepth + 1);
    const position = Math.min(stretch.position, maxDepth - startDepth + 1);
    if (from <= position) yield { ...stretch, from, position };
    // Everything before is higher up than asked for.
    if (startDepth <= minDepth) return;
  }
}

export function isOnPath(connection: Connection, place: Point, end: Point): boolean {
  for (const { tid, number, position } of stretchesBack(connection, end))
    if (tid === place.tid && number === place.number) return place.position <= position;
  return false;
}

/** Id of the message at a place. */
export function messageIdAt(
  connection: Connection,
  { tid, number, position }: Point,
): string | null {
  const row = connection
    .statement("SELECT mid FROM skein_entry WHERE tid = ? AND seg = ? AND pos = ?")
    .row(tid, number, position);
  return row === undefined ? null : textAt(row, 0);
}
