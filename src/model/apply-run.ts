import type { Action } from "./action.ts";
import type { Entry } from "./entry.ts";
import { erasedDecision } from "./erased-action.ts";
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
      const { runId, run: change, holds, settled } = entry.data;
      const old = activity.runs.find((run) => run.id === runId);
      if (old === undefined) return withActivity(head, { ...activity, updatedAt: at });
      const run = { ...old, ...change, ...(settled && { actions: withDone(old, settled) }) };
      return withActivity(head, {
        ...activity,
        updatedAt: at,
        runs: activity.runs.map((other) =>
          other !== old ? other : run.actions === old.actions ? run : withActions(run),
        ),
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
    case "approval.request": {
      const { runId, action } = entry.data;
      return changed(head, entry, runId, (run) =>
        withActions({ ...run, actions: [...(run.actions ?? []), action] }),
      );
    }
    case "approval.decide": {
      const { runId, actionId, decision, isDone, messageId } = entry.data;
      const decided = {
        status: isDone ? "done" : "decided",
        decision,
        decidedBy: entry.actor,
        decidedAt: at,
        ...(messageId !== undefined && { messageId }),
      } as const;
      const after = (action: Action): Action => ({
        ...action,
        ...decided,
        ...(action.redacted === true && { decision: erasedDecision(decision) }),
      });
      return changed(head, entry, runId, (run) =>
        withActions({
          ...run,
          actions: (run.actions ?? []).map((action) =>
            action.id === actionId ? after(action) : action,
          ),
        }),
      );
    }
    case "run.signal": {
      const { runId, signalId: id, name } = entry.data;
      return changed(head, entry, runId, (run) => ({
        ...run,
        signals: [...(run.signals ?? []), { id, name, version: entry.version }],
      }));
    }
    case "step.start":
      return withActivity(head, { ...activity, updatedAt: at });
    case "step.end":
      // It gets on: how often it was claimed does not matter any more.
      return changed(head, entry, entry.data.step.runId, (run) =>
        (run.attempts ?? 0) > 1 && entry.data.step.status === "completed"
          ? { ...run, attempts: 1 }
          : run,
      );
    default:
      return undefined;
  }
}

function changed(
  head: ThreadHead,
  { at }: Entry,
  runId: string,
  change: (run: Run) => Run,
): ThreadHead {
  const { activity } = head;
  const old = activity.runs.find(({ id }) => id === runId);
  const run = old && change(old);
  const runs =
    run === old ? activity.runs : activity.runs.map((each) => (each === old && run ? run : each));
  return withActivity(head, { ...activity, updatedAt: at, runs });
}

function withDone({ actions = [] }: Run, ids: readonly string[]): readonly Action[] {
  return actions.map((action) =>
    ids.includes(action.id) ? { ...action, status: "done" } : action,
  );
}

/** A run wakes when the first thing that it still waits for is due. */
function withActions({ wakeAt: _wakeAt, ...run }: Run): Run {
  const dues = (run.actions ?? []).flatMap(({ status, dueAt }) =>
    status === "waiting" && dueAt !== undefined ? [dueAt] : [],
  );
  return dues.length === 0 ? run : { ...run, wakeAt: Math.min(...dues) };
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
