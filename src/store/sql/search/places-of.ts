import { numberAt } from "../cell.ts";
import type { Dialect } from "../dialect.ts";
import { listOf } from "../list-of.ts";
import { rows } from "../plan.ts";
import type { Plan } from "../plan.ts";
import { pairsOf } from "./pairs-of.ts";
import type { DocumentKey } from "./write-documents.ts";

/** A message by the tenant that has it. */
export type MessageName = readonly [tenant: string, messageId: string];

const AT_ONCE = 256;

/** The entries that gave messages their places; of messages that only have the same id, too. None for those that have
 *  no place. */
export function* placesOf(
  dialect: Dialect,
  messages: readonly MessageName[],
): Plan<readonly DocumentKey[]> {
  const places: DocumentKey[] = [];
  for (let at = 0; at < messages.length; at += AT_ONCE) {
    const some = messages.slice(at, at + AT_ONCE);
    const ids = listOf(some.map(([, id]) => id));
    const names = pairsOf(some);
    const found = yield* rows(
      `SELECT e.tid, e.version FROM skein_entry e
       WHERE e.mid IN ${ids.sql} AND e.role IS NOT NULL AND e.given IS NULL AND e.pos IS NOT NULL
       UNION ALL
       SELECT e.tid, e.version FROM skein_given_id g
       ${dialect.orderedJoin} skein_entry e ON e.tid = g.tid AND e.version = g.place
       WHERE (g.tenant, g.id) IN ${names.sql} AND e.pos IS NOT NULL`,
      ...ids.parameters,
      ...names.parameters,
    );
    for (const row of found) places.push([numberAt(row, 0), numberAt(row, 1)]);
  }
  return places;
}
