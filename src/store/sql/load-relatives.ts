import type { ThreadHead } from "../../model/thread.ts";
import type { Reader } from "../key.ts";
import type { RelativesQuery } from "../query.ts";
import { HEAD_COLUMNS } from "./head-codec.ts";
import { listOf } from "./list-of.ts";
import type { Fragment } from "./list-of.ts";
import { HEAD_TABLES, headsOf, visibleTo } from "./load-heads.ts";
import { rows } from "./plan.ts";
import type { Plan } from "./plan.ts";

/** Threads by id and forks by origin, in one statement. */
export function* loadRelatives(
  { tenant, user }: Reader,
  { ids, forksOf, limit }: RelativesQuery,
): Plan<readonly ThreadHead[]> {
  const named = ids.length === 0 ? [] : [living(tenant, user, "t.id", ids)];
  const forks =
    forksOf.length === 0 || limit === 0
      ? []
      : [firstOf(living(tenant, user, "t.forked_from", forksOf), limit)];
  const parts = [...named, ...forks];
  if (parts.length === 0) return [];
  const found = yield* rows(
    parts.map(({ sql }) => sql).join(" UNION ALL "),
    ...parts.flatMap(({ parameters }) => parameters),
  );
  const heads = yield* headsOf(found);
  // A fork may be asked for by its id, too.
  return [...new Map(heads.map((head) => [head.profile.id, head])).values()];
}

function living(
  tenant: string,
  user: string | null,
  column: string,
  values: readonly string[],
): Fragment {
  const list = listOf(values);
  const visible = visibleTo(user);
  return {
    sql: `SELECT ${HEAD_COLUMNS} FROM ${HEAD_TABLES}
      WHERE t.tenant = ? AND ${column} IN ${list.sql} AND t.deleted_at IS NULL AND ${visible.sql}`,
    parameters: [tenant, ...list.parameters, ...visible.parameters],
  };
}

function firstOf({ sql, parameters }: Fragment, limit: number): Fragment {
  return {
    sql: `SELECT * FROM (${sql} ORDER BY t.tid LIMIT ?) f`,
    parameters: [...parameters, limit],
  };
}
