import type { Run, Step } from "../../model/run.ts";
import type { ThreadKey } from "../key.ts";
import { runFor } from "./backend.ts";
import type { Backend } from "./backend.ts";
import { parse } from "./decode-entry.ts";
import { idOf, nameOf } from "./names.ts";
import { listOf, textOf, textOrNullOf } from "./reply.ts";
import { SCRIPTS } from "./script.ts";
import { listTenants } from "./tenants.ts";

export async function loadRun(
  backend: Backend,
  { tenant, id }: ThreadKey,
  runId: string,
): Promise<Run | null> {
  const found = await runFor(backend, tenant, SCRIPTS.loadRun, nameOf(id), nameOf(runId));
  return found === null ? null : parse<Run>(textOf(found));
}

export async function threadOfRun(
  backend: Backend,
  tenant: string,
  runId: string,
): Promise<string | null> {
  const name = textOrNullOf(await runFor(backend, tenant, SCRIPTS.threadOfRun, nameOf(runId)));
  return name === null ? null : idOf(name);
}

export async function listRuns(
  backend: Backend,
  { tenant, id }: ThreadKey,
  { limit, before }: { readonly limit: number; readonly before?: string },
): Promise<readonly Run[]> {
  const args = [nameOf(id), String(limit), before === undefined ? "" : nameOf(before)];
  const found = listOf(await runFor(backend, tenant, SCRIPTS.listRuns, ...args));
  return found.map((run) => parse<Run>(textOf(run)));
}

export async function listSteps(
  backend: Backend,
  { tenant, id }: ThreadKey,
  runId: string,
): Promise<readonly Step[]> {
  const args = [nameOf(id), nameOf(runId)];
  const found = listOf(await runFor(backend, tenant, SCRIPTS.listSteps, ...args));
  return found.map((step) => parse<Step>(textOf(step)));
}

/** Of all tenants, oldest first. */
export async function listUnendedRuns(
  backend: Backend,
): Promise<readonly { readonly key: ThreadKey; readonly run: Run }[]> {
  const found = await Promise.all(
    (await listTenants(backend)).map(async (tenant) => {
      const rows = listOf(await runFor(backend, tenant, SCRIPTS.unended));
      return rows.map((row) => {
        const [id, run] = listOf(row).map(textOf);
        return { key: { tenant, id: idOf(id ?? "") }, run: parse<Run>(run ?? "null") };
      });
    }),
  );
  return found.flat().sort((a, b) => a.run.createdAt - b.run.createdAt);
}
