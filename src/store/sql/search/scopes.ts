import type { Reader } from "../../key.ts";
import { numberAt } from "../cell.ts";
import { row, rows } from "../plan.ts";
import type { Plan } from "../plan.ts";
import { ownerScope, tenantScope, threadScope } from "./marks.ts";
import type { SearchDialect } from "./search-dialect.ts";
import { findableBy } from "./visible.ts";

// With more threads to name, looking at what the reader may not see is cheaper.
const MAX_SCOPES = 200;

/** The thread with this id if the reader finds anything in it. */
export function* findReadable(reader: Reader, id: string): Plan<number | null> {
  const { sql, parameters } = findableBy("t", reader);
  const found = yield* row(
    `SELECT t.tid FROM skein_thread t WHERE t.tenant = ? AND t.id = ? AND ${sql}`,
    reader.tenant,
    id,
    ...parameters,
  );
  return found === undefined ? null : numberAt(found, 0);
}

/** Marks of which every document has one that the reader may see in this thread. None when it is not worth asking. */
export function* scopesOfThread(tid: number): Plan<readonly string[]> {
  const origins = yield* rows("SELECT DISTINCT origin_tid FROM skein_inclusion WHERE tid = ?", tid);
  const tids = [tid, ...origins.map((origin) => numberAt(origin, 0))];
  return tids.length > MAX_SCOPES ? [] : tids.map(threadScope);
}

/** The same for all that a reader may see. */
export function* scopesOfReader(
  { marksTenants }: SearchDialect,
  { tenant, user }: Reader,
): Plan<readonly string[]> {
  const ofTenant = marksTenants ? [tenantScope(tenant)] : [];
  if (user === null) return ofTenant;
  const others = yield* rows(
    `SELECT DISTINCT scope_tid FROM skein_search_reader WHERE tenant = ? AND user_id = ?
     LIMIT ${MAX_SCOPES}`,
    tenant,
    user,
  );
  if (others.length === MAX_SCOPES) return ofTenant;
  return [ownerScope(tenant, user), ...others.map((found) => threadScope(numberAt(found, 0)))];
}
