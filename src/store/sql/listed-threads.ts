import type { Reader } from "../key.ts";
import type { ThreadPosition, ThreadQuery } from "../query.ts";
import type { Cell } from "./cell.ts";
import { STATUS_CODES } from "./codes.ts";
import type { Dialect } from "./dialect.ts";
import type { Fragment } from "./list-of.ts";
import { listNameOf } from "./listing-rows.ts";

/** `FROM` to `ORDER BY` of a reader's list, newest first, with what SQL can judge: list rows `l`, threads `t` and heads
 *  `h`. It reads the list in the order of its key. */
export function listedThreads(
  { orderedJoin: join }: Dialect,
  { tenant, user }: Reader,
  query: ThreadQuery,
  after: ThreadPosition | undefined,
  more: Fragment = { sql: "", parameters: [] },
): Fragment {
  const { owner, agentId, status, archived = false, deleted = false, from, to } = query;
  const state = (archived ? 1 : 0) + (deleted ? 2 : 0);
  const conditions: string[] = [];
  const parameters: Cell[] = [];
  const add = (condition: string, ...values: readonly Cell[]): void => {
    conditions.push(condition);
    parameters.push(...values);
  };
  // Every thread stands in its owner's list too, which is the shorter one.
  const list = listNameOf(user ?? owner ?? null);
  add("l.tenant = ? AND l.user_id = ? AND l.state = ?", tenant, list, state);
  if (from !== undefined) add("l.listed_at >= ?", from);
  const newest = Math.min(to ?? Infinity, after?.updatedAt ?? Infinity);
  if (newest !== Infinity) add("l.listed_at <= ?", newest);
  if (after !== undefined) add("(l.listed_at < ? OR l.id > ?)", after.updatedAt, after.id);
  if (owner !== undefined) add("t.owner = ?", owner);
  if (agentId !== undefined) add("t.agent_id = ?", agentId);
  if (status !== undefined) add("h.status = ?", STATUS_CODES[status]);
  return {
    sql: `FROM skein_listing l ${join} skein_thread t ON t.tid = l.tid
      ${join} skein_head h ON h.tid = l.tid
      WHERE ${conditions.join(" AND ")} ${more.sql} ORDER BY l.listed_at DESC, l.id`,
    parameters: [...parameters, ...more.parameters],
  };
}
