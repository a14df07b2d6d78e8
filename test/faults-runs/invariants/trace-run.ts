import { RUN_TRANSITIONS } from "../../../src/model/run-transitions.ts";
import { isEnded } from "../../../src/model/run-transitions.ts";
import type { Entry, Run, Step } from "../../../src/index.ts";

/** What the log says of one run. */
export interface RunTrace {
  readonly run: Run;
  /** When the log last said anything of it. */
  readonly at: number;
  /** Its steps by journal and key, as they are now. */
  readonly steps: ReadonlyMap<string, Step>;
  /** Ids of the messages that it began, or wrote whole, in order. */
  readonly messages: readonly string[];
  /** Of `messages`, those that it has not finished. */
  readonly open: ReadonlySet<string>;
  readonly problems: readonly string[];
}

interface Tracing extends RunTrace {
  run: Run;
  at: number;
  readonly steps: Map<string, Step>;
  readonly messages: string[];
  readonly open: Set<string>;
  readonly problems: string[];
}

/** Follows every run through a thread's log, and notes where the log contradicts itself: (I2) it ends once, and nothing comes
 *  after that; (I3) a step is completed once, by who had the run; (I7) fences only grow; and no transition is out of order. */
export function traceRuns(entries: readonly Entry[]): ReadonlyMap<string, RunTrace> {
  const traces = new Map<string, Tracing>();
  const owners = new Map<string, string>();
  for (const entry of entries) {
    const runId = runIdOf(entry, owners);
    if (runId === undefined) continue;
    if (entry.op === "run.start") {
      const twice = traces.has(runId) ? [`run ${runId} began twice`] : [];
      const { run } = entry.data;
      traces.set(runId, {
        run,
        at: entry.at,
        steps: new Map(),
        messages: [],
        open: new Set(),
        problems: twice,
      });
      continue;
    }
    const trace = traces.get(runId);
    if (trace === undefined) continue;
    if (isEnded(trace.run.status))
      trace.problems.push(`${entry.op} at version ${entry.version} after the end of run ${runId}`);
    trace.at = entry.at;
    follow(trace, entry, owners);
  }
  return traces;
}

function follow(trace: Tracing, entry: Entry, owners: Map<string, string>): void {
  switch (entry.op) {
    case "run.update":
    case "run.end": {
      followStatus(trace, entry);
      trace.run = { ...trace.run, ...entry.data.run };
      return;
    }
    case "step.start":
    case "step.end":
      return followStep(trace, entry.data.step, entry.op);
    case "message.open":
    case "message.append": {
      const { id } = entry.data.message;
      if (owners.has(id)) trace.problems.push(`message ${id} was written twice`);
      owners.set(id, trace.run.id);
      trace.messages.push(id);
      if (entry.op === "message.open") trace.open.add(id);
      return;
    }
    case "message.commit": {
      const { messageId } = entry.data;
      if (!trace.open.delete(messageId))
        trace.problems.push(`message ${messageId} was finished twice`);
      return;
    }
    case "approval.decide":
      return followDecision(trace, entry.data.actionId);
    case "approval.request": {
      const { action } = entry.data;
      trace.run = { ...trace.run, actions: [...(trace.run.actions ?? []), action] };
      return;
    }
    default:
  }
}

function followStatus(trace: Tracing, entry: Entry): void {
  if (entry.op !== "run.update" && entry.op !== "run.end") return;
  const { run, problems } = trace;
  const { event, run: change } = entry.data;
  // Nobody works on a run that ends while it waits, or instead of waiting; its steps end with it.
  const isWaiting = run.status === "requires_action" || event === "require_action";
  if (entry.op === "run.end" && isWaiting)
    for (const [name, step] of trace.steps)
      if (step.status === "running") trace.steps.set(name, { ...step, status: "cancelled" });
  if (event !== undefined) {
    const next = RUN_TRANSITIONS[run.status][event];
    if (next !== change.status)
      problems.push(`run ${run.id} went from ${run.status} by ${event} to ${change.status}`);
  }
  if (event === "claim" && change.fence !== run.fence + 1)
    problems.push(`run ${run.id} was claimed at fence ${change.fence} after ${run.fence}`);
  if (event !== "claim" && change.fence !== undefined && change.fence !== run.fence)
    problems.push(`the fence of run ${run.id} changed without a claim`);
}

function followStep(trace: Tracing, step: Step, op: "step.start" | "step.end"): void {
  const { run, steps, problems } = trace;
  const name = `${run.journalFrom ?? 0} ${step.key}`;
  const before = steps.get(name);
  const what = `step ${step.key} of run ${run.id}`;
  if (step.fence > run.fence || (op === "step.start" && step.fence !== run.fence))
    problems.push(`${what} was written at fence ${step.fence} while the run was at ${run.fence}`);
  if (before !== undefined && step.fence < before.fence)
    problems.push(`${what} went back from fence ${before.fence} to ${step.fence}`);
  if (before !== undefined && before.status !== "running" && before.status !== "failed")
    problems.push(`${what} was ${before.status} and then ${step.status}`);
  steps.set(name, step);
}

function followDecision(trace: Tracing, actionId: string): void {
  const { run, problems } = trace;
  const { actions = [] } = run;
  const action = actions.find(({ id }) => id === actionId);
  if (action === undefined || action.status !== "waiting")
    problems.push(`action ${actionId} of run ${run.id} was decided ${action?.status ?? "unasked"}`);
  trace.run = {
    ...run,
    actions: actions.map((one) => (one.id === actionId ? { ...one, status: "decided" } : one)),
  };
}

/** The run that an entry is about, or that wrote it. */
function runIdOf(entry: Entry, owners: ReadonlyMap<string, string>): string | undefined {
  switch (entry.op) {
    case "run.start":
      return entry.data.run.id;
    case "run.update":
    case "run.end":
    case "run.signal":
    case "approval.request":
    case "approval.decide":
      return entry.data.runId;
    case "step.start":
    case "step.end":
      return entry.data.step.runId;
    case "message.open":
    case "message.append":
      return entry.data.message.runId;
    case "message.commit":
      return owners.get(entry.data.messageId);
    default:
      return undefined;
  }
}
