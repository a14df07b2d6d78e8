import { numberAt } from "../cell.ts";
import type { Row } from "../cell.ts";
import type { Dialect } from "../dialect.ts";
import type { Fragment } from "../list-of.ts";

/** A place in the log, in the one or two columns that the dialect names; a second one that it does not name is 0. */
export interface LogPlace {
  readonly low: number;
  readonly high: number;
}

export const BEGINNING: LogPlace = { low: 0, high: 0 };

export function columnsOf({ feed }: Dialect, alias: string): readonly string[] {
  return feed.position.map((column) => `${alias}.${column}`);
}

/** The condition that an entry comes after a place. */
export function behind(dialect: Dialect, alias: string, { low, high }: LogPlace): Fragment {
  const isPair = dialect.feed.position.length === 2;
  return {
    sql: behindColumns(dialect, alias, "?", "?"),
    parameters: isPair ? [low, low, high] : [low],
  };
}

/** The condition that it does not. */
export function upTo(dialect: Dialect, alias: string, { low, high }: LogPlace): Fragment {
  const [first = "", second] = columnsOf(dialect, alias);
  if (second === undefined) return { sql: `${first} <= ?`, parameters: [low] };
  const sql = `${first} <= ? AND (${first} < ? OR ${second} <= ?)`;
  return { sql, parameters: [low, low, high] };
}

/** The same as `behind` for a place in columns: the first one stands there twice. */
export function behindColumns(dialect: Dialect, alias: string, low: string, high: string): string {
  const [first = "", second] = columnsOf(dialect, alias);
  if (second === undefined) return `${first} > ${low}`;
  return `${first} >= ${low} AND (${first} > ${low} OR ${second} > ${high})`;
}

/** The place in the first columns of a row. */
export function placeOf({ feed }: Dialect, row: Row): LogPlace {
  return { low: numberAt(row, 0), high: feed.position.length === 2 ? numberAt(row, 1) : 0 };
}
