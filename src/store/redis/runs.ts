import type { Run, Step } from "../../model/run.ts";
import type { ThreadKey } from "../key.ts";
import type { StoredRun } from "../run-agenda.ts";
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
  fromSegment: number = 0,
): Promise<readonly Step[]> {
  const args = [nameOf(id), nameOf(runId), String(fromSegment)];
  const found = listOf(await runFor(backend, tenant, SCRIPTS.listSteps, ...args));
  return found.map((step) => parse<Step>(textOf(step)));
}

export function listRunnableRuns(backend: Backend): Promise<readonly StoredRun[]> {
  return runsIn(backend, "ur");
}

export function listDueRuns(
  backend: Backend,
  by: number,
  limit: number,
): Promise<readonly StoredRun[]> {
  return runsIn(backend, "du", { by: String(by), limit });
}

export function listCallingRuns(backend: Backend): Promise<readonly StoredRun[]> {
  return runsIn(backend, "ca");
}

/** Of all tenants, those with the lowest scores first. */
async function runsIn(
  backend: Backend,
  list: string,
  { by = "+inf", limit = -1 }: { readonly by?: string; readonly limit?: number } = {},
): Promise<readonly StoredRun[]> {
  const found = await Promise.all(
    (await listTenants(backend)).map(async (tenant) => {
      const answer = await runFor(backend, tenant, SCRIPTS.runsIn, list, by, String(limit));
      return listOf(answer).map((row) => {
        const [id = "", run = "null", score] = listOf(row).map(textOf);
        const key = { tenant, id: idOf(id) };
        return { stored: { key, run: parse<Run>(run) }, score: Number(score) };
      });
    }),
  );
  const inOrder = found.flat().sort((a, b) => a.score - b.score);
  return inOrder.slice(0, limit < 0 ? undefined : limit).map(({ stored }) => stored);
}
