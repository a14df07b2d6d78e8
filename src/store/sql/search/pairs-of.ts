import type { Cell } from "../cell.ts";
import type { Fragment } from "../list-of.ts";

/** What stands behind `(a, b) IN`. Filled up like `listOf`. At least one pair. */
export function pairsOf(pairs: readonly (readonly [Cell, Cell])[]): Fragment {
  const last = pairs.at(-1);
  if (last === undefined) throw new TypeError("A list of nothing.");
  const filled = [...pairs];
  while ((filled.length & (filled.length - 1)) !== 0) filled.push(last);
  return { sql: `(${filled.map(() => "(?, ?)").join(", ")})`, parameters: filled.flat() };
}
