import { BLOCK_ROWS, blockMark, blockOf } from "./marks.ts";

/** A stretch of the log: documents with `from <= lsn < to`. */
export interface Window {
  readonly from: number;
  readonly to: number;
  /** One of these marks has every document in it. None for the oldest stretch: it has too many blocks to name. */
  readonly marks: readonly string[];
}

// More marks are not cheaper than to look at all that is older.
const MAX_BLOCKS = 256;

/** How much more is looked at than seems to be needed. */
const MARGIN = 1.25;

/** The newest block, then as much more before it as the hits so far let one expect to need.
 *  @param newest  the largest lsn of a document */
export function firstWindow(newest: number): Window {
  return windowOf(newest + 1, 1);
}

/** The stretch before `last`, or nothing at the beginning of the log.
 *  @param found  hits in all windows so far
 *  @param wanted  how many more are needed */
export function windowBefore(
  newest: number,
  last: Window,
  found: number,
  wanted: number,
): Window | null {
  if (last.from <= 0) return null;
  const seen = blockOf(newest) - blockOf(last.from) + 1;
  const expected = found === 0 ? Infinity : Math.ceil((wanted * seen * MARGIN) / found);
  return windowOf(last.from, Math.min(expected, 16 * seen));
}

function windowOf(to: number, blocks: number): Window {
  const newest = blockOf(to - 1);
  const oldest = newest - blocks + 1;
  if (blocks > MAX_BLOCKS || oldest <= 0) return { from: 0, to, marks: [] };
  const numbers = Array.from({ length: blocks }, (_, at) => newest - at);
  return { from: oldest * BLOCK_ROWS, to, marks: numbers.map(blockMark) };
}
