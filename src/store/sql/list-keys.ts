import type { ThreadKey } from "../key.ts";
import { textAt } from "./cell.ts";
import { rows } from "./plan.ts";
import type { Plan } from "./plan.ts";

/** By tenant and id: one range of the index for the rest of a tenant, one for the tenants behind it. */
export function* listKeys(after: ThreadKey | null, limit: number): Plan<readonly ThreadKey[]> {
  const keys: ThreadKey[] = [];
  if (after !== null) {
    const found = yield* rows(
      "SELECT id FROM skein_thread WHERE tenant = ? AND id > ? ORDER BY id LIMIT ?",
      after.tenant,
      after.id,
      limit,
    );
    for (const row of found) keys.push({ tenant: after.tenant, id: textAt(row, 0) });
  }
  if (keys.length >= limit) return keys;
  const others = yield* rows(
    `SELECT tenant, id FROM skein_thread ${after === null ? "" : "WHERE tenant > ?"}
     ORDER BY tenant, id LIMIT ?`,
    ...(after === null ? [] : [after.tenant]),
    limit - keys.length,
  );
  return [...keys, ...others.map((row) => ({ tenant: textAt(row, 0), id: textAt(row, 1) }))];
}
