import type { Run } from "../../model/run.ts";
import type { ThreadKey } from "../key.ts";
import type { MemoryData, StoredThread } from "./memory-data.ts";

export function listRuns(
  thread: StoredThread | undefined,
  { limit, before }: { readonly limit: number; readonly before?: string },
): readonly Run[] {
  const newestFirst = [...(thread?.runs.values() ?? [])].toReversed();
  const start = before === undefined ? 0 : newestFirst.findIndex(({ id }) => id === before) + 1;
  return newestFirst.slice(start, start + limit);
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
