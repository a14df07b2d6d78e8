import type { ThreadKey } from "../key.ts";
import { runFor } from "./backend.ts";
import type { Backend } from "./backend.ts";
import { idOf, nameOf } from "./names.ts";
import { listOf, textOf, textOrNullOf } from "./reply.ts";
import { SCRIPTS } from "./script.ts";
import { listTenants } from "./tenants.ts";

const AT_ONCE = 1_000;

/** By tenant and name. */
export async function listKeys(
  backend: Backend,
  after: ThreadKey | null,
  limit: number,
): Promise<readonly ThreadKey[]> {
  const keys: ThreadKey[] = [];
  for (const tenant of (await listTenants(backend)).toSorted()) {
    if (after !== null && tenant < after.tenant) continue;
    const behind = after?.tenant === tenant ? nameOf(after.id) : undefined;
    for await (const id of idsIn(backend, tenant, behind, limit)) {
      if (keys.length >= limit) return keys;
      keys.push({ tenant, id });
    }
  }
  return keys;
}

/** All threads of a tenant behind a name, but those whose time is over. */
export async function* idsIn(
  backend: Backend,
  tenant: string,
  behind?: string,
  pageSize: number = AT_ONCE,
): AsyncGenerator<string> {
  const count = String(Math.min(AT_ONCE, Math.max(1, pageSize)));
  let last: string | null | undefined = behind;
  do {
    const from: readonly string[] = last === undefined ? ["0", ""] : ["1", last];
    const [next, ...names] = listOf(
      await runFor(backend, tenant, SCRIPTS.listNames, ...from, count),
    );
    for (const name of names) yield idOf(textOf(name));
    last = textOrNullOf(next);
  } while (last !== null);
}
