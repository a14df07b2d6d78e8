import type { Backend } from "./backend.ts";
import { parse } from "./decode-entry.ts";
import { storeKeys } from "./names.ts";
import { listOf, textOf } from "./reply.ts";

/** Every tenant that has, or had, a thread. */
export async function listTenants({ connection, place }: Backend): Promise<readonly string[]> {
  const found = await connection.command("SMEMBERS", `${storeKeys(place.prefix)}tenants`);
  return listOf(found).map((tenant) => parse<string>(textOf(tenant)));
}
