import { isSkeinError } from "../model/error.ts";
import type { ErrorCode } from "../model/error-codes.ts";
import type { Run } from "../model/run.ts";
import { DEFAULT_MAX_STEPS } from "./agent.ts";
import { crashPoint } from "./crash-point.ts";
import { CANCELLED, costOfAttempts, endEarly, failure, INTERRUPTED } from "./end-early.ts";
import { runModelStep } from "./model-step.ts";
import { MODEL_ATTEMPTS, nextStep } from "./next-step.ts";
import type { RunContext, RunServices } from "./run-context.ts";
import type { RunRef } from "./run-engine.ts";
import { runJournal } from "./run-journal.ts";
import type { RunJournal } from "./run-journal.ts";
import { loadRunState } from "./run-state.ts";
import type { RunState } from "./run-state.ts";
import type { RunStop } from "./run-stop.ts";
import { runToolStep } from "./tool-step.ts";

/** Somebody else has the run, or there is nothing to write to any more. */
const NOT_OURS: readonly ErrorCode[] = [
  "lease_lost",
  "run_ended",
  "run_not_found",
  "invalid_transition",
  "thread_deleted",
  "thread_not_found",
];

/** Claims a run and carries it out, from wherever its journal says that it is. Resolves when the run has ended, belongs to
 *  another worker, or was given up through `stop`. Every failure ends the run; only a store that cannot be written to is thrown. */
export async function executeRun(
  services: RunServices,
  { key, runId, fence }: RunRef,
  stop: RunStop,
): Promise<void> {
  await unlessNotOurs(async () => {
    crashPoint("before-claim");
    const run = await services.engine.worker.claim(key.tenant, key.id, runId, fence);
    crashPoint("after-claim");
    if (run.status === "cancelling") stop.stop("cancelled");
    const journal = runJournal(services.engine.worker, key, run, stop);
    stop.onRelease = () => unlessNotOurs(() => journal.commit([{ kind: "run.release" }]));
    await carryOut(services, { key, run, journal, stop });
  });
}

async function unlessNotOurs(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!NOT_OURS.some((code) => isSkeinError(error, code))) throw error;
  }
}

interface Claimed {
  readonly key: RunRef["key"];
  readonly run: Run;
  readonly journal: RunJournal;
  readonly stop: RunStop;
}

async function carryOut(services: RunServices, claimed: Claimed): Promise<void> {
  const { key, run, stop } = claimed;
  try {
    if (stop.cause === "cancelled") return await cancel(services, claimed);
    const agent = services.agents.get(run.agentId);
    const model = await services.agents.modelFor(agent, run.model);
    await loop({ ...claimed, services, agent, model });
  } catch (error) {
    if (NOT_OURS.some((code) => isSkeinError(error, code))) throw error;
    // The run has done nothing wrong: whoever takes it next goes on from its journal.
    if (isSkeinError(error, "store_unavailable")) throw error;
    const state = await loadRunState(services.engine, key, run);
    if (state !== undefined) await endEarly({ services, ...claimed }, state, failure(error));
  }
}

async function loop(context: RunContext): Promise<void> {
  const { services, key, run, agent, stop } = context;
  const maxSteps = agent.maxSteps ?? DEFAULT_MAX_STEPS;
  for (;;) {
    if (stop.cause === "abandoned") return;
    const state = await loadRunState(services.engine, key, run);
    if (state === undefined) return;
    if (stop.cause === "cancelled" || state.run.status === "cancelling")
      return endEarly(context, state, CANCELLED);
    await takeStep(context, state, maxSteps);
  }
}

async function takeStep(context: RunContext, state: RunState, maxSteps: number): Promise<void> {
  const next = nextStep(state, maxSteps);
  switch (next.kind) {
    case "model":
      return runModelStep(context, state, next);
    case "tools":
      return runToolStep(context, state, next.calls);
    case "give-up":
      return endEarly(context, state, {
        ...INTERRUPTED,
        cost: costOfAttempts(context, MODEL_ATTEMPTS),
      });
    case "limit": {
      const message = `The run reached its limit of ${maxSteps} model calls.`;
      const error = { code: "limit_exceeded", message };
      return endEarly(context, state, { event: "stop_short", reason: "error", error });
    }
  }
}

async function cancel(services: RunServices, claimed: Claimed): Promise<void> {
  const state = await loadRunState(services.engine, claimed.key, claimed.run);
  if (state === undefined) return;
  const { agents } = services;
  const { agentId } = claimed.run;
  const agent = agents.has(agentId) ? { agent: agents.get(agentId) } : {};
  await endEarly({ services, ...claimed, ...agent }, state, CANCELLED);
}
