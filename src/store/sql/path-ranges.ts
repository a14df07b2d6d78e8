import type { Cell } from "./cell.ts";
import { numberAt } from "./cell.ts";
import type { Dialect } from "./dialect.ts";
import type { Fragment } from "./list-of.ts";
import { CONTENT, pathStatement, rowsOf } from "./path-statement.ts";
import type { PathEnd, PathSlice } from "./path-statement.ts";
import { rows } from "./plan.ts";
import type { Plan } from "./plan.ts";
import { stretchTable } from "./segments.ts";
import type { Stretch } from "./segments.ts";

/** Makes the statements that answer slices of a path. Where a join cannot use an index for a range, the path's segments are
 *  asked for first, and ranges of positions written into the statement. */
export function* openPath(
  dialect: Dialect,
  end: PathEnd,
  columns: string,
): Plan<(slice: PathSlice) => Fragment> {
  if (dialect.joinsRanges) return (slice) => pathStatement(dialect, end, slice, columns);
  const found = yield* rows(
    `${stretchTable(dialect, "t.tenant = ?3 AND t.id = ?4")}
     SELECT tid, number, position, start_depth FROM stretch WHERE position > 0
     ORDER BY start_depth DESC`,
    end.number,
    end.position,
    end.tenant,
    end.threadId,
  );
  const stretches = found.map((it) => ({
    tid: numberAt(it, 0),
    number: numberAt(it, 1),
    position: numberAt(it, 2),
    startDepth: numberAt(it, 3),
  }));
  return (slice) => rangeStatement(dialect, stretches, end.floorDepth ?? 0, slice, columns);
}

function rangeStatement(
  dialect: Dialect,
  stretches: readonly Stretch[],
  floorDepth: number,
  slice: PathSlice,
  columns: string,
): Fragment {
  const { minDepth, maxDepth, span, order } = slice;
  const parameters: Cell[] = [];
  const bind = (value: Cell): string => `?${parameters.push(value)}`;
  const [last] = stretches;
  const endDepth = last === undefined ? -1 : last.startDepth + last.position - 1;
  const isDescending = order === "desc";
  const top = Math.min(maxDepth, endDepth);
  const low = isDescending ? Math.max(minDepth, top - span + 1) : minDepth;
  const high = isDescending ? top : Math.min(top, minDepth + span - 1);

  const places: string[] = [];
  const starts: string[] = [];
  for (const { tid, number, position, startDepth } of stretches) {
    const from = Math.max(1, low - startDepth + 1);
    const to = Math.min(position, high - startDepth + 1);
    if (from > to) continue;
    const segment = `e.tid = ${bind(tid)} AND e.seg = ${bind(number)}`;
    places.push(`(${segment} AND e.pos >= ${bind(from)} AND e.pos <= ${bind(to)})`);
    starts.push(`WHEN ${segment} THEN ${bind(startDepth)}`);
  }
  const isEmpty = places.length === 0;
  const source = {
    tables: [],
    depth: isEmpty ? "e.pos" : `e.pos - 1 + CASE ${starts.join(" ")} END`,
    from: `FROM skein_entry e ${dialect.orderedJoin} skein_thread home ON home.tid = e.tid ${CONTENT}
      WHERE (${isEmpty ? "1 = 0" : places.join(" OR ")})`,
  };
  return { sql: rowsOf(dialect, source, floorDepth, slice, columns, bind), parameters };
}
