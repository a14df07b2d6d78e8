import { expect, test } from "vitest";
import { BLOCK_ROWS } from "./marks.ts";
import { firstWindow, windowBefore } from "./windows.ts";
import type { Window } from "./windows.ts";

const MOST = 256;

/** The bounds of all windows when each has a share of hits. */
function windowsFor(newest: number, hitsPerBlock: number, most = MOST): readonly Window[] {
  const windows: Window[] = [];
  let found = 0;
  let window: Window | null = firstWindow(newest);
  while (window !== null) {
    windows.push(window);
    found += Math.floor(((window.to - window.from) * hitsPerBlock) / BLOCK_ROWS);
    window = windowBefore(newest, window, found, 10_000, most);
  }
  return windows;
}

test.each([0, 0.1, 1, 5_000])(
  "windows cover the log without gaps, with %d hits in a block",
  (hits) => {
    for (const newest of [0, 1, BLOCK_ROWS - 1, BLOCK_ROWS, 7_654_321]) {
      const windows = windowsFor(newest, hits);
      expect(windows[0]?.to).toBe(newest + 1);
      expect(windows.at(-1)?.from).toBe(0);
      for (const [at, { to }] of windows.slice(1).entries()) expect(to).toBe(windows[at]?.from);
    }
  },
);

test("a small log is looked at in one piece, without marks", () => {
  expect(windowsFor(BLOCK_ROWS - 1, 0)).toEqual([{ from: 0, to: BLOCK_ROWS, marks: [] }]);
});

test("what is rare is looked for in a few large windows", () => {
  expect(windowsFor(7_654_321, 0)).toHaveLength(3);
  expect(windowsFor(7_654_321, 0, 1)).toHaveLength(2);
});

test("of what is common, no more is looked at than is needed", () => {
  const [first, second] = windowsFor(7_654_321, 5_000);
  expect(first?.marks).toHaveLength(1);
  expect(second?.marks.length).toBeLessThan(20);
});

test("a newest block with a few rows says how many hits a full one has", () => {
  const newest = 100 * BLOCK_ROWS + 500;
  const first = firstWindow(newest);
  const second = windowBefore(newest, first, 125, 10_000, MOST);
  // A quarter of all rows: three blocks have more than 10,000 hits.
  expect(second?.marks).toHaveLength(4);
});
