import { ROLE_CODES } from "./codes.ts";
import { numberAt } from "./cell.ts";
import type { Dialect } from "./dialect.ts";
import type { PathEnd } from "./path-statement.ts";
import { rows } from "./plan.ts";
import type { Plan } from "./plan.ts";
import { stretchTable } from "./segments.ts";

/** Positions of a segment that a path has. Above the first one it has system and developer messages only. */
export interface KeptRange {
  readonly tid: number;
  readonly number: number;
  readonly from: number;
  readonly to: number;
}

/** What the paths that end at some places have, without ranges that lie in others. One statement for each path. */
export function* keptRanges(
  dialect: Dialect,
  ends: readonly PathEnd[],
): Plan<readonly KeptRange[]> {
  const ranges: KeptRange[] = [];
  for (const { tenant, threadId, number, position, floorDepth = 0 } of ends) {
    const stretches = yield* rows(
      `${stretchTable(dialect, "t.tenant = ?3 AND t.id = ?4")}
       SELECT tid, number, position, start_depth FROM stretch WHERE position > 0`,
      number,
      position,
      tenant,
      threadId,
    );
    for (const stretch of stretches) {
      const to = numberAt(stretch, 2);
      const first = floorDepth - numberAt(stretch, 3) + 1;
      const from = Math.min(Math.max(1, first), to + 1);
      ranges.push({ tid: numberAt(stretch, 0), number: numberAt(stretch, 1), from, to });
    }
  }
  return ranges.filter((range, at) => !ranges.some((it, other) => covers(it, range, other < at)));
}

/** Of two equal ranges the first one stays. */
function covers(a: KeptRange, b: KeptRange, isBefore: boolean): boolean {
  if (a === b || a.tid !== b.tid || a.number !== b.number) return false;
  if (a.from === b.from && a.to === b.to) return isBefore;
  return a.from <= b.from && a.to >= b.to;
}

export function isInRange(range: KeptRange, position: number, role: number | null): boolean {
  const isInstruction = role !== null && role < ROLE_CODES.user;
  return position <= range.to && (position >= range.from || isInstruction);
}
