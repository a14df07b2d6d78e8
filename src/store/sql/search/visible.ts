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

/** The number of the thread under which a reader finds what an entry `e` of a thread `t` says, `NULL` if they do not: the
 *  thread that wrote it where that can be read, else the oldest readable fork that includes it.
 *  @param only  a thread that the reader may read: whatever it does not show is not found */
export function homeFor(reader: Reader, only: number | null): Fragment {
  if (only !== null)
    return {
      sql: `CASE WHEN t.tid = ? AND e.released IS NULL OR EXISTS (
        SELECT 1 FROM skein_inclusion i WHERE ${INCLUDES} AND i.tid = ?) THEN ? END`,
      parameters: [only, only, only],
    };
  const origin = findableBy("t", reader);
  const fork = findableBy("f", reader);
  return {
    sql: `CASE WHEN e.released IS NULL AND ${origin.sql} THEN t.tid ELSE (
      SELECT min(i.tid) FROM skein_inclusion i JOIN skein_thread f ON f.tid = i.tid
      WHERE ${INCLUDES} AND ${fork.sql}) END`,
    parameters: [...origin.parameters, ...fork.parameters],
  };
}
