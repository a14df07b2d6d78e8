import type { Cell } from "../sql/cell.ts";
import { ENTRY_COLUMNS } from "../sql/records.ts";
import { arrayLiteral } from "./array-literal.ts";
import type { QuickChain } from "./quick-chain.ts";
import { NUMBERS } from "./quick-statement.ts";
import type { QuickStatement } from "./quick-statement.ts";

const PAYLOAD = ENTRY_COLUMNS.indexOf("payload");
// A text of its own for each number of rows; the server reads more of them faster as arrays.
const MAX_SINGLE_ROWS = 4;

/**
 * The statement for appends to threads whose numbers are known, which is most of what a store does: heads are locked in
 * the order of their numbers, compared and set, and entries go with them. Columns that no entry has are left out.
 * `undefined` if a chain leaves more behind than that. Answers as `quickStatement` does.
 */
export function plainStatement(
  chains: readonly QuickChain[],
  tids: readonly (number | undefined)[],
): QuickStatement | undefined {
  if (!chains.every((chain, n) => tids[n] !== undefined && isPlain(chain))) return undefined;
  const rows = chains.flatMap(({ entries }) => entries.map(({ row }) => row));
  const used = ENTRY_COLUMNS.flatMap((_, column) =>
    rows.some((row) => (row[column] ?? null) !== null) ? [column] : [],
  );
  const [only] = chains;
  const isOne = chains.length === 1 && rows.length <= MAX_SINGLE_ROWS;
  return only !== undefined && isOne ? ofOne(only, tids[0] ?? 0, used) : ofMany(chains, tids, used);
}

function isPlain(chain: QuickChain): boolean {
  return (
    chain.base !== 0 &&
    !chain.isKept &&
    chain.profile === undefined &&
    chain.runs.length === 0 &&
    chain.steps.length === 0 &&
    chain.branches.size === 0 &&
    chain.given.length === 0 &&
    chain.operations.length === 0 &&
    chain.segments.length === 0 &&
    chain.blobs.length === 0 &&
    chain.commits.length === 0 &&
    chain.entries.every(({ body }) => body === null)
  );
}

function typeOf(column: number): "bigint" | "text" {
  return NUMBERS.has(ENTRY_COLUMNS[column] ?? "") ? "bigint" : "text";
}

function digestOf(used: readonly number[]): string {
  return used.includes(PAYLOAD) ? "sha256(convert_to(r.payload, 'UTF8'))" : "NULL";
}

const namesOf = (used: readonly number[]): readonly string[] =>
  used.map((column) => ENTRY_COLUMNS[column] ?? "");

/** Nobody can wait for a single head in a circle, and a single row keeps the order of what it is joined to. */
function ofOne(
  { base, last, entries }: QuickChain,
  tid: number,
  used: readonly number[],
): QuickStatement {
  const { version, updatedAt, status, hot } = last;
  const values: Cell[] = [version, updatedAt, status, hot, tid, base];
  const rows = entries.map(({ row }) => {
    const cells = used.map((column) => `$${values.push(row[column] ?? null)}::${typeOf(column)}`);
    return `(${cells.join(", ")})`;
  });
  const names = namesOf(used);
  const text = `WITH moved AS (UPDATE skein_head SET version = $1, updated_at = $2, status = $3, hot = $4
    WHERE tid = $5 AND version = $6 RETURNING tid),
  in_entry AS (INSERT INTO skein_entry (tid, digest, ${names.join(", ")})
    SELECT m.tid, ${digestOf(used)}, ${names.map((name) => `r.${name}`).join(", ")}
    FROM moved m, (VALUES ${rows.join(", ")}) AS r(${names.join(", ")}))
  SELECT 0, tid FROM moved`;
  return { text, values, isPlain: true };
}

function ofMany(
  chains: readonly QuickChain[],
  tids: readonly (number | undefined)[],
  used: readonly number[],
): QuickStatement {
  const values: string[] = [];
  const array = (type: string, cells: readonly (Cell | undefined)[]): string =>
    `$${values.push(arrayLiteral(cells))}::${type}[]`;
  const heads = [
    array("bigint", [...chains.keys()]),
    array("bigint", tids),
    array(
      "bigint",
      chains.map(({ base }) => base),
    ),
    array(
      "bigint",
      chains.map(({ last }) => last.version),
    ),
    array(
      "bigint",
      chains.map(({ last }) => last.updatedAt),
    ),
    array(
      "bigint",
      chains.map(({ last }) => last.status),
    ),
    array(
      "text",
      chains.map(({ last }) => last.hot),
    ),
  ];
  const rows = chains.flatMap(({ entries }) => entries.map(({ row }) => row));
  const entries = [
    array(
      "bigint",
      chains.flatMap((chain, n) => chain.entries.map(() => tids[n])),
    ),
    ...used.map((column) =>
      array(
        typeOf(column),
        rows.map((row) => row[column]),
      ),
    ),
  ];
  const names = namesOf(used);
  const text = `WITH locked AS MATERIALIZED (SELECT w.* FROM unnest(${heads.join(", ")})
      AS w(n, tid, base, version, updated_at, status, hot) JOIN skein_head h ON h.tid = w.tid
    WHERE h.version = w.base ORDER BY h.tid FOR UPDATE OF h),
  moved AS (UPDATE skein_head h SET version = l.version, updated_at = l.updated_at, status = l.status, hot = l.hot
    FROM locked l WHERE h.tid = l.tid AND h.version = l.base RETURNING l.n, h.tid),
  in_entry AS (INSERT INTO skein_entry (tid, digest, ${names.join(", ")})
    SELECT m.tid, ${digestOf(used)}, ${names.map((name) => `r.${name}`).join(", ")}
    FROM unnest(${entries.join(", ")}) AS r(tid, ${names.join(", ")}) JOIN moved m ON m.tid = r.tid
    ORDER BY m.tid, r.version)
  SELECT n, tid FROM moved`;
  return { text, values, isPlain: true };
}
