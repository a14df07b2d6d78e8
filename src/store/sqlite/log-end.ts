import type { StoreIdentity } from "../sql/identity.ts";
import type { Connection } from "./connection.ts";

/** Row ids of the log are the order of commits. */
export function lastLsn(connection: Connection): number {
  return Number(connection.value("SELECT coalesce(max(lsn), 0) FROM skein_entry"));
}

/** Log rows behind a cursor: about what the rest of the feed costs. A cursor that is not ours costs nothing: it is refused. */
export function feedLag(
  connection: Connection,
  { storeId, epoch }: StoreIdentity,
  after: string | null,
): number {
  const start = `${storeId}.${epoch}.`;
  if (after !== null && !after.startsWith(start)) return 0;
  return lastLsn(connection) - (after === null ? 0 : Number(after.slice(start.length)));
}
