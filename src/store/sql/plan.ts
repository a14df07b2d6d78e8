import type { Cell, Row } from "./cell.ts";

/** One statement of a plan. */
export interface Ask {
  /** Parameters are `?` in order, or `?1`, `?2` … by number; never both in one text, and no other question mark. */
  readonly sql: string;
  readonly parameters: readonly Cell[];
  /** What to answer: rows as arrays, the number of rows that it changed, or the number in this column of the row that
   *  it inserted. */
  readonly want: "rows" | "changes" | { readonly column: string };
}

/** What a database answers. Of `changes` and `inserted` only what was wanted is meant. */
export interface Answer {
  readonly rows: readonly Row[];
  readonly changes: number;
  readonly inserted: number;
}

/**
 * Work on a database as a sequence of statements, written once for all of them: SQLite runs it in place, a server
 * answers one statement after the other. It runs in the transaction or the snapshot of whoever runs it, and an error of
 * the database ends it.
 */
export type Plan<T> = Generator<Ask, T, Answer>;

export function* rows(sql: string, ...parameters: readonly Cell[]): Plan<readonly Row[]> {
  return (yield { sql, parameters, want: "rows" }).rows;
}

/** The first row. */
export function* row(sql: string, ...parameters: readonly Cell[]): Plan<Row | undefined> {
  return (yield { sql, parameters, want: "rows" }).rows[0];
}

/** Runs a statement; answers the number of rows that it changed. */
export function* change(sql: string, ...parameters: readonly Cell[]): Plan<number> {
  return (yield { sql, parameters, want: "changes" }).changes;
}

/** Inserts a row; answers the number that the database gave it. */
export function* insert(column: string, sql: string, ...parameters: readonly Cell[]): Plan<number> {
  return (yield { sql, parameters, want: { column } }).inserted;
}
