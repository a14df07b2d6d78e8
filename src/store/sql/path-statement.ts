import type { Role } from "../../model/message.ts";
import type { Cell } from "./cell.ts";
import { ROLE_CODES } from "./codes.ts";
import type { Dialect } from "./dialect.ts";
import type { Fragment } from "./list-of.ts";
import { startDepthOf } from "./segments.ts";

/** Where a path ends. */
export interface PathEnd {
  readonly tenant: string;
  readonly threadId: string;
  readonly number: number;
  readonly position: number;
  /** Above this depth the path has only system and developer messages. Default 0. */
  readonly floorDepth?: number | undefined;
}

export interface PathSlice {
  readonly minDepth: number;
  readonly maxDepth: number;
  /** How many depths to look at, from the end of the range that comes first. */
  readonly span: number;
  readonly order: "asc" | "desc";
  readonly limit: number;
  readonly roles: readonly Role[] | undefined;
  readonly maxBytes: number | undefined;
}

/** Where the columns stand behind those of the message: the thread that wrote it, its depth, the message before it in
 *  its segment, and the segment. */
export const HOME = 12;
export const DEPTH = 13;
export const BEFORE = 14;
export const SEGMENT = 15;

const BEFORE_ID =
  "(SELECT p.mid FROM skein_entry p WHERE p.tid = e.tid AND p.seg = e.seg AND p.pos = e.pos - 1)";

/** The statement that answers a slice of a path in its order. With `maxBytes` the last row may exceed it.
 *  @param columns  twelve, of `e` and `b` */
export function pathStatement(
  dialect: Dialect,
  end: PathEnd,
  slice: PathSlice,
  columns: string,
): Fragment {
  const { minDepth, maxDepth, span, order } = slice;
  const parameters: Cell[] = [];
  const bind = (value: Cell): string => `?${parameters.push(value)}`;
  const integer = (value: number): string => dialect.integer(bind(value));
  const { orderedJoin: join } = dialect;

  const [number, position] = [bind(end.number), integer(end.position)];
  const isDescending = order === "desc";
  const min = integer(minDepth);
  const max = integer(isDescending ? maxDepth : Math.min(maxDepth, minDepth + span - 1));
  const low = isDescending
    ? dialect.greater(min, `${dialect.lesser("k.end_depth", max)} - ${integer(span)} + 1`)
    : min;
  const stretches = `stretch (tid, number, position, start_depth, end_depth) AS (
      SELECT t.tid, ${dialect.integer(number)}, ${position}, ${startDepthOf("t.tid", number)},
        ${startDepthOf("t.tid", number)} + ${position} - 1
      FROM skein_thread t WHERE t.tenant = ${bind(end.tenant)} AND t.id = ${bind(end.threadId)}
      UNION ALL
      SELECT s.parent_tid, s.parent_number, s.parent_position,
        ${startDepthOf("s.parent_tid", "s.parent_number")}, k.end_depth
      FROM stretch k JOIN skein_segment s ON s.tid = k.tid AND s.number = k.number
      WHERE s.parent_tid IS NOT NULL AND k.start_depth > ${low})`;
  const source = {
    tables: [`WITH RECURSIVE ${stretches}`],
    depth: "k.start_depth + e.pos - 1",
    from: `FROM stretch k ${join} skein_thread home ON home.tid = k.tid
      ${join} skein_entry e ON e.tid = k.tid AND e.seg = k.number ${CONTENT}
      WHERE e.pos >= ${low} - k.start_depth + 1
        AND e.pos <= ${dialect.lesser("k.position", `${max} - k.start_depth + 1`)}`,
  };
  return { sql: rowsOf(dialect, source, end.floorDepth ?? 0, slice, columns, bind), parameters };
}

export const CONTENT = "LEFT JOIN skein_entry b ON b.tid = e.tid AND b.version = e.body";

/** Where the rows of a path are: `home` is the thread that wrote a message, `e` its row, `b` its content. */
export interface PathSource {
  /** What the statement begins with, if anything. */
  readonly tables: readonly string[];
  /** To the end of a condition. */
  readonly from: string;
  readonly depth: string;
}

export function rowsOf(
  dialect: Dialect,
  { tables, from, depth }: PathSource,
  floorDepth: number,
  { minDepth, limit, order, roles, maxBytes }: PathSlice,
  columns: string,
  bind: (value: Cell) => string,
): string {
  const direction = order === "desc" ? "DESC" : "ASC";
  const kept = floorDepth > minDepth ? `AND (${depth} >= ${bind(floorDepth)} OR e.role < 2)` : "";
  const limited = Number.isFinite(limit) ? `LIMIT ${bind(limit)}` : "";
  const placed = `${from} ${rolePredicate(roles)} ${kept} ORDER BY ${depth} ${direction} ${limited}`;
  if (maxBytes === undefined)
    return `${tables.join("")}
      SELECT ${columns}, home.id, ${depth}, ${BEFORE_ID}, e.seg ${placed}`;
  // Sizes are read off the rows' heads, so what does not fit is not read.
  const sized = `sized AS (SELECT e.tid AS tid, e.version AS version, home.id AS home, ${depth} AS depth,
      coalesce(${dialect.bytesOf("e.payload")}, 0) + coalesce(${dialect.bytesOf("b.payload")}, 0) AS size
      ${placed}),
    summed AS (SELECT tid, version, home, depth, size,
      sum(size) OVER (ORDER BY depth ${direction}) AS total FROM sized)`;
  return `${[...tables, tables.length === 0 ? `WITH ${sized}` : sized].join(", ")}
    SELECT ${columns}, m.home, m.depth, ${BEFORE_ID}, e.seg
    FROM summed m ${dialect.orderedJoin} skein_entry e ON e.tid = m.tid AND e.version = m.version ${CONTENT}
    WHERE m.total - m.size <= ${bind(maxBytes)} ORDER BY m.depth ${direction}`;
}

function rolePredicate(roles: readonly Role[] | undefined): string {
  if (roles === undefined) return "";
  // No list in SQL is empty.
  if (roles.length === 0) return "AND 1 = 0";
  const codes = roles.map((role) => ROLE_CODES[role]).sort((a, b) => a - b);
  // Written like the index of instructions, so that a long thread is not searched for its few.
  const isInstruction = codes.every((code) => code < ROLE_CODES.user) ? "AND e.role < 2" : "";
  return `${isInstruction} AND e.role IN (${codes.join(", ")})`;
}
