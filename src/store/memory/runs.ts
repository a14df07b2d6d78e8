import type { Run } from "../../model/run.ts";
import { agendaOf } from "../run-agenda.ts";
import type { RunAgenda, StoredRun } from "../run-agenda.ts";
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

export function listRunnableRuns(data: MemoryData): readonly StoredRun[] {
  return withAgenda(data)
    .filter(({ agenda }) => agenda.isRunnable)
    .map(({ key, run }) => ({ key, run }));
}

export function listDueRuns(data: MemoryData, by: number, limit: number): readonly StoredRun[] {
  return withAgenda(data)
    .flatMap(({ key, run, agenda: { dueAt } }) => (dueAt === null ? [] : [{ key, run, dueAt }]))
    .filter(({ dueAt }) => dueAt <= by)
    .sort((a, b) => a.dueAt - b.dueAt)
    .slice(0, limit)
    .map(({ key, run }) => ({ key, run }));
}

export function listCallingRuns(data: MemoryData): readonly StoredRun[] {
  return withAgenda(data)
    .filter(({ agenda }) => agenda.isCalling)
    .map(({ key, run }) => ({ key, run }));
}

/** Runs that have not ended, oldest first. */
function withAgenda(data: MemoryData): (StoredRun & { readonly agenda: RunAgenda })[] {
  return [...data.tenants.values()]
    .flatMap(({ threads }) => [...threads.values()])
    .filter(({ head }) => head.profile.purgedAt === null)
    .flatMap(({ key, head: { activity } }) =>
      activity.runs.map((run) => {
        const holds = activity.holds[run.branch] === run.id;
        return { key, run, agenda: agendaOf(run, holds) };
      }),
    )
    .sort((a, b) => a.run.createdAt - b.run.createdAt);
}
