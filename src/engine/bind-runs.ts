import type { Principal } from "../model/principal.ts";
import type { Core } from "./core.ts";
import { decideRun, sendRunEvent } from "./decide-run.ts";
import { inbox } from "./inbox.ts";
import type { RunCalls } from "./run-calls.ts";
import { cancelRun, findRun, hasActiveRun, run, runs, steps } from "./runs.ts";
import { spawnSubAgentThread } from "./sub-agents.ts";
import { patchState, sharedState } from "./shared-state.ts";

/** What can be done with runs, on behalf of one principal. */
export function bindRuns(core: Core, principal: Principal): RunCalls {
  return {
    runs: (id, input, options) => runs(core, principal, id, input, options),
    run: (id, runId, options) => run(core, principal, id, runId, options),
    findRun: (runId, options) => findRun(core, principal, runId, options),
    steps: (id, runId, options) => steps(core, principal, id, runId, options),
    hasActiveRun: (id, options) => hasActiveRun(core, principal, id, options),
    cancelRun: (id, runId, options) => cancelRun(core, principal, id, runId, options),
    decide: (id, runId, decisions, options) =>
      decideRun(core, principal, id, runId, { decisions, options }),
    sendEvent: (id, runId, event, options) =>
      sendRunEvent(core, principal, id, runId, { event, options }),
    inbox: (input, options) => inbox(core, principal, input, options),
    spawnSubAgentThread: (parentId, task, options) =>
      spawnSubAgentThread(core, principal, parentId, { task, ...(options && { options }) }),
    state: (id, options) => sharedState(core, principal, id, options),
    patchState: (id, patch, options) => patchState(core, principal, id, patch, options),
  };
}
