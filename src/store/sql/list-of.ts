import type { Cell } from "./cell.ts";

/** Part of a statement with the values of its `?` in order. */
export interface Fragment {
  readonly sql: string;
  readonly parameters: readonly Cell[];
}

/** What stands behind `IN`. Filled up with the last value to 1, 2, 4, 8, … of them, so that there are few texts to
 *  prepare. At least one value. */
export function listOf(values: readonly (string | number)[]): Fragment {
  const last = values.at(-1);
  if (last === undefined) throw new TypeError("A list of nothing.");
  const parameters = [...values];
  while ((parameters.length & (parameters.length - 1)) !== 0) parameters.push(last);
  return { sql: `(${parameters.map(() => "?").join(", ")})`, parameters };
}
