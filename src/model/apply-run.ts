import type { Entry } from "./entry.ts";
import type { Run } from "./run.ts";
import type { ThreadActivity, ThreadHead } from "./thread.ts";

/** Folds ops about runs; `undefined` for other ops. Steps leave no trace in the head. */
export function applyRun(head: ThreadHead, entry: Entry): ThreadHead | undefined {
  const { activity } = head;
  const at = entry.at;
  switch (entry.op) {
    case "run.start": {
      const { run, holds } = entry.data;
      return withActivity(head, {
        ...activity,
        updatedAt: at,
        runs: [...activity.runs, run],
        runCount: activity.runCount + 1,
        lastRunId: run.id,
        runsByStatus: recounted(activity.runsByStatus, undefined, run.status),
        ...(holds && { holds: { ...activity.holds, [run.branch]: run.id } }),
      });
    }
    case "run.update": {
      const { runId, run: change, holds } = entry.data;
      const old = activity.runs.find((run) => run.id === runId);
      if (old === undefined) return withActivity(head, { ...activity, updatedAt: at });
      const run: Run = { ...old, ...change };
      return withActivity(head, {
        ...activity,
        updatedAt: at,
        runs: activity.runs.map((other) => (other === old ? run : other)),
        runsByStatus: recounted(activity.runsByStatus, old.status, run.status),
        ...(holds === true && { holds: { ...activity.holds, [run.branch]: run.id } }),
      });
    }
    case "run.end": {
      const { runId, run: change } = entry.data;
      const old = activity.runs.find((run) => run.id === runId);
      if (old === undefined) return withActivity(head, { ...activity, updatedAt: at });
      return withActivity(head, {
        ...activity,
        updatedAt: at,
        runs: activity.runs.filter((other) => other !== old),
        runsByStatus: recounted(activity.runsByStatus, old.status, change.status ?? old.status),
        holds: released(activity.holds, runId),
      });
    }
    case "step.start":
    case "step.end":
      return withActivity(head, { ...activity, updatedAt: at });
    default:
      return undefined;
  }
}

function recounted(
  counts: ThreadActivity["runsByStatus"],
  from: string | undefined,
  to: string,
): ThreadActivity["runsByStatus"] {
  if (from === to) return counts;
  const next: Record<string, number> = { ...counts, [to]: (counts[to] ?? 0) + 1 };
  if (from !== undefined) {
    const left = (next[from] ?? 0) - 1;
    if (left > 0) next[from] = left;
    else delete next[from];
  }
  return next;
}

function released(holds: ThreadActivity["holds"], runId: string): ThreadActivity["holds"] {
  return Object.fromEntries(Object.entries(holds).filter(([, holder]) => holder !== runId));
}

function withActivity(head: ThreadHead, activity: ThreadActivity): ThreadHead {
  return { ...head, activity };
}
