import type { Cell, Row } from "./cell.ts";
import type { Dialect } from "./dialect.ts";
import { change } from "./plan.ts";
import type { Plan } from "./plan.ts";

/** Into which columns of a table rows go, and what becomes of a row that has the same key. A constant: its texts are
 *  made once. */
export interface Target {
  readonly table: string;
  readonly columns: readonly string[];
  /** What is made of the values, in the order of the columns. Default: `?` for each; of arrays, the column's name. */
  readonly values?: readonly string[];
  /** A unique index. Without it a row with the same key is an error. */
  readonly key?: readonly string[];
  /** Columns of a row with the same key that get the new values. Default: all but the key. */
  readonly replaces?: readonly string[];
  /** Present where all rows travel as one array for each column, which a server plans in no time: the types of the columns,
   *  and an array as the server reads it. */
  readonly arrays?: {
    readonly types: readonly string[];
    readonly literal: (cells: readonly (Cell | undefined)[]) => string;
  };
}

// Below what a server takes in one packet, whatever the rows hold.
const MAX_BYTES = 1_000_000;

/** Inserts rows in order, in few statements. */
export function* insertRows(dialect: Dialect, target: Target, rows: readonly Row[]): Plan<void> {
  if (dialect.rowsAtOnce === 1) {
    if (rows.length === 0) return;
    const sql = textOf(dialect, target, 1);
    // Not by way of `change`: one generator for all rows is cheaper than one for each.
    for (const parameters of rows) yield { sql, parameters, want: "changes" };
    return;
  }
  for (let at = 0; at < rows.length;) {
    const count = fitting(rows, at, dialect.rowsAtOnce);
    const some = rows.slice(at, at + count);
    const { arrays } = target;
    const parameters =
      arrays === undefined
        ? some.flat()
        : arrays.types.map((_, column) => arrays.literal(some.map((row) => row[column])));
    yield* change(textOf(dialect, target, arrays === undefined ? count : 1), ...parameters);
    at += count;
  }
}

/** A power of two, so that there are few texts. */
function fitting(rows: readonly Row[], from: number, most: number): number {
  let bytes = 0;
  let fits = 0;
  while (from + fits < rows.length && fits < most && bytes <= MAX_BYTES) {
    for (const cell of rows[from + fits] ?? []) bytes += sizeOf(cell);
    fits += 1;
  }
  return 2 ** Math.floor(Math.log2(fits));
}

function sizeOf(cell: Cell): number {
  return typeof cell === "string" || cell instanceof Uint8Array ? cell.length : 8;
}

const texts = new WeakMap<Dialect, Map<Target, string[]>>();

function textOf(dialect: Dialect, target: Target, count: number): string {
  let ofDialect = texts.get(dialect);
  if (ofDialect === undefined) texts.set(dialect, (ofDialect = new Map()));
  let ofTarget = ofDialect.get(target);
  if (ofTarget === undefined) ofDialect.set(target, (ofTarget = []));
  return (ofTarget[count] ??= makeText(dialect, target, count));
}

function makeText(
  dialect: Dialect,
  { table, columns, values, key, replaces, arrays }: Target,
  count: number,
): string {
  const row = `(${(values ?? columns.map(() => "?")).join(", ")})`;
  const rows = Array.from({ length: count }, () => row).join(", ");
  const names = columns.join(", ");
  const source =
    arrays === undefined
      ? `VALUES ${rows}`
      : `SELECT ${(values ?? columns).join(", ")}
        FROM unnest(${arrays.types.map((type) => `CAST(? AS ${type}[])`).join(", ")}) AS r(${names})`;
  const text = `INSERT INTO ${table} (${names}) ${source}`;
  if (key === undefined) return text;
  const changed = replaces ?? columns.filter((column) => !key.includes(column));
  const end = changed.length === 0 ? dialect.keepSame(key) : dialect.replaceSame(key, changed);
  return `${text} ${end}`;
}
