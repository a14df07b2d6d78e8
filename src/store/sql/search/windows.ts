import { BLOCK_ROWS, blockMark, blockOf } from "./marks.ts";

/** A stretch of the log: documents with `from <= lsn < to`. */
export interface Window {
  readonly from: number;
  readonly to: number;
  /** One of these marks has every document in it. None for the oldest stretch: it has too many blocks to name. */
  readonly marks: readonly string[];
}

// So many stretches are looked at one by one, before all the rest at once.
const MAX_STRETCHES = 8;

/** How much more is looked at than seems to be needed. */
const MARGIN = 1.25;

/** The newest block. */
export function firstWindow(newest: number): Window {
  return windowOf(newest + 1, 1);
}

/** As much more before `last` as the hits so far let one expect to need; nothing at the beginning of the log.
 *  @param found  hits in all windows so far
 *  @param wanted  how many more are needed
 *  @param most  blocks in a window, but for the oldest one */
export function windowBefore(
  newest: number,
  last: Window,
  found: number,
  wanted: number,
  most: number,
): Window | null {
  if (last.from <= 0) return null;
  const seen = blockOf(newest) - blockOf(last.from) + 1;
  // The newest block is hardly ever full, and its hits stand for that part of it only.
  const rows = newest + 1 - last.from;
  const expected =
    found === 0 ? Infinity : Math.ceil((wanted * rows * MARGIN) / found / BLOCK_ROWS);
  const blocks = Math.min(expected, 16 * seen);
  if (blocks <= most) return windowOf(last.from, blocks);
  if (expected <= MAX_STRETCHES * most) return windowOf(last.from, most);
  return { from: 0, to: last.from, marks: [] };
}

function windowOf(to: number, blocks: number): Window {
  const newest = blockOf(to - 1);
  const oldest = newest - blocks + 1;
  if (oldest <= 0) return { from: 0, to, marks: [] };
  const numbers = Array.from({ length: blocks }, (_, at) => newest - at);
  return { from: oldest * BLOCK_ROWS, to, marks: numbers.map(blockMark) };
}
