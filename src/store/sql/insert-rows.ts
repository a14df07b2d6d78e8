import type { Cell, Row } from "./cell.ts";
import type { Dialect } from "./dialect.ts";
import { change } from "./plan.ts";
import type { Plan } from "./plan.ts";

/** Into which columns of a table rows go, and what becomes of a row that has the same key. A constant: its texts are
 *  made once. */
export interface Target {
  readonly table: string;
  readonly columns: readonly string[];
  /** What is made of the values, in the order of the columns. Default: `?` for each. */
  readonly values?: readonly string[];
  /** A unique index. Without it a row with the same key is an error. */
  readonly key?: readonly string[];
  /** Columns of a row with the same key that get the new values. Default: all but the key. */
  readonly replaces?: readonly string[];
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
    const parameters = rows.slice(at, at + count).flat();
    yield* change(textOf(dialect, target, count), ...parameters);
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
  { table, columns, values, key, replaces }: Target,
  count: number,
): string {
  const row = `(${(values ?? columns.map(() => "?")).join(", ")})`;
  const rows = Array.from({ length: count }, () => row).join(", ");
  const text = `INSERT INTO ${table} (${columns.join(", ")}) VALUES ${rows}`;
  if (key === undefined) return text;
  const changed = replaces ?? columns.filter((column) => !key.includes(column));
  const end = changed.length === 0 ? dialect.keepSame(key) : dialect.replaceSame(key, changed);
  return `${text} ${end}`;
}
