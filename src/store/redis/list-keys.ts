import type { ThreadKey } from "../key.ts";
import type { Backend } from "./backend.ts";
import { idOf, tenantKeys } from "./names.ts";
import { listOf, textOf } from "./reply.ts";
import { listTenants } from "./tenants.ts";

/** By tenant and id. Costs O(threads of the tenants that the page is of): the server keeps them in no order. */
export async function listKeys(
  backend: Backend,
  after: ThreadKey | null,
  limit: number,
): Promise<readonly ThreadKey[]> {
  const { connection, place } = backend;
  const keys: ThreadKey[] = [];
  for (const tenant of (await listTenants(backend)).toSorted()) {
    if (keys.length >= limit) break;
    if (after !== null && tenant < after.tenant) continue;
    const names = await connection.command(
      "SMEMBERS",
      `${tenantKeys(place.prefix, tenant)}threads`,
    );
    const ids = listOf(names).map((name) => idOf(textOf(name)));
    const wanted = after?.tenant === tenant ? ids.filter((id) => id > after.id) : ids;
    for (const id of wanted.sort().slice(0, limit - keys.length)) keys.push({ tenant, id });
  }
  return keys;
}
