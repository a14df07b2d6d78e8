import { INCLUDES } from "../included.ts";
import type { Reader } from "../../key.ts";
import type { Fragment } from "../list-of.ts";

/** The condition under which a reader finds something in a thread: deleted and purged ones are not found, archived ones
 *  are. */
export function findableBy(alias: string, { tenant, user }: Reader): Fragment {
  const alive = `${alias}.tenant = ? AND ${alias}.deleted_at IS NULL AND ${alias}.purged_at IS NULL`;
  if (user === null) return { sql: alive, parameters: [tenant] };
  const isReader = `(${alias}.owner = ? OR EXISTS (
    SELECT 1 FROM skein_member m WHERE m.tid = ${alias}.tid AND m.user_id = ?))`;
  return { sql: `${alive} AND ${isReader}`, parameters: [tenant, user, user] };
}

/** Forks `i` that include a document `k`. */
const INCLUSIONS = `skein_entry e JOIN skein_inclusion i ON ${INCLUDES}`;
const OF_DOCUMENT = "e.tid = k.tid AND e.version = k.version";

// Looked at in few threads only: the entry costs as much as all else.
const IS_KEPT = `(NOT EXISTS (SELECT 1 FROM skein_search_lost l WHERE l.tid = t.tid)
  OR EXISTS (SELECT 1 FROM skein_entry e WHERE ${OF_DOCUMENT} AND e.released IS NULL))`;

/** The number of the thread under which a reader finds a document `k` of a thread `t`, `NULL` if they do not: the thread
 *  that wrote it where that can be read, else the oldest readable fork that includes it.
 *  @param only  a thread that the reader may read: whatever it does not show is not found */
export function homeFor(reader: Reader, only: number | null): Fragment {
  if (only !== null)
    return {
      sql: `CASE WHEN t.tid = ? AND ${IS_KEPT} OR EXISTS (
        SELECT 1 FROM ${INCLUSIONS} WHERE ${OF_DOCUMENT} AND i.tid = ?) THEN ? END`,
      parameters: [only, only, only],
    };
  const origin = findableBy("t", reader);
  const fork = findableBy("f", reader);
  return {
    sql: `CASE WHEN ${origin.sql} AND ${IS_KEPT} THEN t.tid ELSE (
      SELECT min(i.tid) FROM ${INCLUSIONS} JOIN skein_thread f ON f.tid = i.tid
      WHERE ${OF_DOCUMENT} AND ${fork.sql}) END`,
    parameters: [...origin.parameters, ...fork.parameters],
  };
}
