import type { Reader } from "../key.ts";
import { numberAt } from "../sql/cell.ts";
import type { Connection } from "./connection.ts";
import { visible } from "./search-candidates.ts";
import { ownerScope, tenantScope, threadScope } from "../sql/search/marks.ts";
import { originsOf } from "./search-thread.ts";

// With more threads to name, looking at what the reader may not see is cheaper.
const MAX_SCOPES = 200;

/** The thread with this id if the reader finds anything in it. */
export function findReadable(connection: Connection, reader: Reader, id: string): number | null {
  const { sql, parameters } = visible("t", reader);
  const row = connection
    .statement(`SELECT t.tid FROM log.skein_thread t WHERE t.tenant = ? AND t.id = ? AND ${sql}`)
    .row(reader.tenant, id, ...parameters);
  return row === undefined ? null : numberAt(row, 0);
}

/** Words that every row has that the reader may see in this thread, or in any. None when it is not worth asking. */
export function scopesOfThread(connection: Connection, tid: number): readonly string[] {
  const tids = [tid, ...originsOf(connection, tid)];
  return tids.length > MAX_SCOPES ? [] : tids.map(threadScope);
}

export function scopesOfReader(
  connection: Connection,
  { tenant, user }: Reader,
): readonly string[] {
  const ofTenant = isOnlyTenant(connection) ? [] : [tenantScope(tenant)];
  if (user === null) return ofTenant;
  const others = connection
    .statement(
      "SELECT DISTINCT scope_tid FROM reader_scope WHERE tenant = ? AND user_id = ? LIMIT ?",
    )
    .rows(tenant, user, MAX_SCOPES);
  if (others.length === MAX_SCOPES) return ofTenant;
  return [ownerScope(tenant, user), ...others.map((row) => threadScope(numberAt(row, 0)))];
}

function isOnlyTenant(connection: Connection): boolean {
  const row = connection
    .statement(
      "SELECT (SELECT min(tenant) FROM log.skein_thread), (SELECT max(tenant) FROM log.skein_thread)",
    )
    .row();
  return row?.[0] === row?.[1];
}
