import type { Floor } from "../../model/message.ts";
import { numberAt, textAt } from "./cell.ts";
import type { Dialect } from "./dialect.ts";
import type { PathEnd } from "./path-statement.ts";
import { rows } from "./plan.ts";
import type { Plan } from "./plan.ts";
import { stretchTable } from "./segments.ts";

/** The deepest of some floors that is at or above a place on its path. */
export function* floorOf(
  dialect: Dialect,
  { tenant, threadId, number, position }: PathEnd,
  floors: readonly Floor[] = [],
): Plan<Floor | undefined> {
  if (floors.length === 0) return undefined;
  const path = yield* rows(
    `${stretchTable(dialect, "t.tenant = ?3 AND t.id = ?4")}
     SELECT home.id, k.number, k.position FROM stretch k JOIN skein_thread home ON home.tid = k.tid`,
    number,
    position,
    tenant,
    threadId,
  );
  return floors
    .filter(({ segment, position: start }) =>
      path.some(
        (it) =>
          textAt(it, 0) === segment.threadId &&
          numberAt(it, 1) === segment.number &&
          start <= numberAt(it, 2),
      ),
    )
    .reduce<Floor | undefined>(
      (deepest, floor) => (floor.depth > (deepest?.depth ?? -1) ? floor : deepest),
      undefined,
    );
}
