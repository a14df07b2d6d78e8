import { compareDue } from "../due-thread.ts";
import type { DuePlace } from "../due-thread.ts";
import { runFor } from "./backend.ts";
import type { Backend } from "./backend.ts";
import { idOf, nameOf } from "./names.ts";
import { listOf, textOf } from "./reply.ts";
import { SCRIPTS } from "./script.ts";
import { listTenants } from "./tenants.ts";

export async function listDueThreads(
  backend: Backend,
  by: number,
  limit: number,
  after: DuePlace | null,
): Promise<readonly DuePlace[]> {
  const found = await Promise.all(
    (await listTenants(backend)).map(async (tenant) => {
      const answer = await runFor(
        backend,
        tenant,
        SCRIPTS.dueThreads,
        String(by),
        String(limit),
        ...startIn(tenant, after),
      );
      return listOf(answer).map((row): DuePlace => {
        const [name = "", dueAt] = listOf(row).map(textOf);
        return { dueAt: Number(dueAt), key: { tenant, id: idOf(name) } };
      });
    }),
  );
  return found.flat().sort(compareDue).slice(0, limit);
}

/** From which time on, and behind which name of that time. */
function startIn(tenant: string, after: DuePlace | null): readonly [from: string, behind: string] {
  if (after === null) return ["-inf", ""];
  const { dueAt, key } = after;
  if (tenant === key.tenant) return [String(dueAt), nameOf(key.id)];
  return [tenant < key.tenant ? `(${dueAt}` : String(dueAt), ""];
}
