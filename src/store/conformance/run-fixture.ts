import type { Run, Step } from "../../model/run.ts";
import { MAIN } from "../../model/thread.ts";
import { NO_COST, NO_USAGE } from "../../model/usage.ts";
import { OWNER, START } from "./fixture.ts";
import type { Change } from "./fixture.ts";

/** Asks for a run. It holds its branch if `holds` says so. */
export function startRun(id: string, run: Partial<Run> = {}, holds: boolean = true): Change {
  return ({ profile }) => ({
    op: "run.start",
    data: { run: { ...newRun(id, profile.id), ...run }, holds },
  });
}

export function claimRun(runId: string, owner: string, fence: number): Change {
  const run = { status: "running", owner, fence, startedAt: START } as const;
  return { op: "run.update", data: { runId, event: "claim", run } };
}

export function endRun(runId: string, run: Partial<Run> = {}): Change {
  const ended: Partial<Run> = { status: "completed", endedAt: START + 60_000, ...run };
  return { op: "run.end", data: { runId, event: "complete", run: ended } };
}

export function newRun(id: string, threadId: string): Run {
  return {
    id,
    agentId: "assistant",
    strategy: "enqueue",
    threadId,
    branch: MAIN,
    status: "queued",
    fence: 0,
    requestedBy: OWNER,
    inputIds: [],
    turnId: null,
    createdAt: START,
    usage: NO_USAGE,
    cost: NO_COST,
  };
}

export function newStep(id: string, runId: string, step: Partial<Step> = {}): Step {
  return {
    runId,
    key: `model:${id}`,
    id,
    kind: "model",
    name: "demo",
    agentId: "assistant",
    attempt: 1,
    fence: 1,
    status: "running",
    startedAt: START,
    ...step,
  };
}
