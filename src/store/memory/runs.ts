import type { Run } from "../../model/run.ts";
import type { ThreadKey } from "../key.ts";
import type { MemoryData, StoredThread, Tenant } from "./memory-data.ts";

export function listRuns(
  thread: StoredThread | undefined,
  { limit, before }: { readonly limit: number; readonly before?: string },
): readonly Run[] {
  const newestFirst = [...(thread?.runs.values() ?? [])].toReversed();
  const start = before === undefined ? 0 : newestFirst.findIndex(({ id }) => id === before) + 1;
  return newestFirst.slice(start, start + limit);
}

export function threadOfRun({ threads }: Tenant, runId: string): string | null {
  const [newest] = [...threads.values()]
    .flatMap(({ key, runs }) => {
      const run = runs.get(runId);
      return run === undefined ? [] : [{ id: key.id, createdAt: run.createdAt }];
    })
    .sort((a, b) => b.createdAt - a.createdAt);
  return newest?.id ?? null;
}

export function listUnendedRuns(
  data: MemoryData,
): readonly { readonly key: ThreadKey; readonly run: Run }[] {
  return [...data.tenants.values()]
    .flatMap(({ threads }) => [...threads.values()])
    .filter(({ head }) => head.profile.purgedAt === null)
    .flatMap(({ key, head }) => head.activity.runs.map((run) => ({ key, run })))
    .sort((a, b) => a.run.createdAt - b.run.createdAt);
}
