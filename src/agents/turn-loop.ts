import { isSkeinError } from "../model/error.ts";
import { LIMITS } from "../model/limits.ts";
import { isEnded } from "../model/run-transitions.ts";
import type { Run } from "../model/run.ts";
import { DEFAULT_MAX_STEPS } from "./agent.ts";
import type { Agent } from "./agent.ts";
import { compactContext } from "./context/compact-step.ts";
import { crashPoint } from "./crash-point.ts";
import { costOfAttempts, endEarly, failure, INTERRUPTED, stopEnd } from "./end-early.ts";
import { runModelStep } from "./model-step.ts";
import { MODEL_ATTEMPTS, nextStep } from "./next-step.ts";
import { isNotOurs } from "./not-ours.ts";
import type { RunContext, RunServices } from "./run-context.ts";
import type { RunRef } from "./run-engine.ts";
import { runHandler } from "./flow/run-handler.ts";
import { watchExpiry } from "./run-expiry.ts";
import { afterRun, beforeRun, hookContextOf } from "./run-hooks.ts";
import { runJournal } from "./run-journal.ts";
import { lastModelStep, loadRunState } from "./run-state.ts";
import type { RunState } from "./run-state.ts";
import type { RunStop } from "./run-stop.ts";
import { settledSteps } from "./settle-steps.ts";
import { isOrphan } from "./sub-agent/deliver.ts";
import { runToolStep } from "./tool-step.ts";

/** Claims a run and carries it out, from wherever its journal says that it is. Resolves when the run has ended, waits for
 *  somebody, belongs to another worker, or was given up through `stop`. Every failure ends the run; only a store that cannot be
 *  written to is thrown. */
export async function executeRun(services: RunServices, ref: RunRef, stop: RunStop): Promise<void> {
  await unlessNotOurs(async () => {
    for (let next = ref; ;) {
      const run = await carryOutSegment(services, next, stop);
      // What it asked for was decided before it waited.
      if (run.status !== "queued" || stop.cause !== undefined) return;
      next = { ...ref, fence: run.fence };
    }
  });
}

/** From a claim until the run ends or waits; answers the run as this worker knows it then. */
async function carryOutSegment(
  services: RunServices,
  { key, runId, fence }: RunRef,
  stop: RunStop,
): Promise<Run> {
  const { worker } = services.engine;
  crashPoint("before-claim");
  const run = await worker.claim(key.tenant, key.id, runId, fence);
  crashPoint("after-claim");
  if (run.status === "cancelling" || (await isOrphan(services, key, run))) stop.stop("cancelled");
  const journal = runJournal(worker, key, run, stop);
  stop.onRelease = () => unlessNotOurs(() => journal.commit([{ kind: "run.release" }]));
  const forget = watchExpiry(run, stop, services.clock);
  const claimed = { services, key, run, journal, stop };
  try {
    await carryOut(claimed);
  } finally {
    forget();
  }
  if (isEnded(journal.run.status)) {
    const agent = agentOf(services, journal.run.agentId) ?? { name: journal.run.agentId };
    await afterRun(services, agent, journal.run, hookContextOf({ ...claimed, agent }));
  }
  return journal.run;
}

async function unlessNotOurs(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!isNotOurs(error)) throw error;
  }
}

type Claimed = Omit<RunContext, "agent" | "model">;

async function carryOut(claimed: Claimed): Promise<void> {
  const { services, key, run, stop } = claimed;
  try {
    if (stop.cause !== undefined) return await endStopped(claimed);
    if ((run.attempts ?? 0) > LIMITS.runAttempts) return await giveUp(claimed);
    await loop(claimed);
  } catch (error) {
    if (isNotOurs(error)) throw error;
    // The run has done nothing wrong: whoever takes it next goes on from its journal.
    if (isSkeinError(error, "store_unavailable")) throw error;
    const state = await loadRunState(services.engine, key, run);
    if (state !== undefined) await endEarly(claimed, state, failure(error));
  }
}

async function loop(claimed: Claimed): Promise<void> {
  const { services, key, run, journal, stop } = claimed;
  for (;;) {
    if (stop.cause === "abandoned") return;
    const state = await loadRunState(services.engine, key, run);
    if (state === undefined) return;
    const first = services.agents.get(run.agentId);
    const isBegun = state.steps.length > 0 || (run.segment ?? 0) > 0;
    if (first.handler !== undefined) {
      if (!isBegun) await beforeRun({ ...claimed, agent: first });
      return runHandler({ ...claimed, agent: first }, first.handler);
    }
    const context = await contextFor(claimed, state);
    if (stop.cause !== undefined || state.run.status === "cancelling")
      return endEarly(context, state, stopEnd(stop.cause));
    const settled = settledSteps(state, services.clock());
    if (settled.length > 0) await journal.commit(settled);
    if (!isBegun) await beforeRun(context);
    await takeStep(context, state);
  }
}

/** The run as its agent sees it now: who made a call answers it, then goes on whoever has the run. */
async function contextFor(claimed: Claimed, { run, steps, calls }: RunState): Promise<RunContext> {
  const { agents } = claimed.services;
  const caller = calls.length > 0 ? lastModelStep(steps)?.agentId : undefined;
  const agent = agents.get(caller ?? run.agentId);
  if (agent.name === firstAgentOf({ run, steps }))
    return { ...claimed, agent, model: await agents.modelFor(agent, claimed.run.model) };
  const { model: _model, instructions: _instructions, ...handed } = claimed.run;
  return { ...claimed, run: handed, agent, model: await agents.modelFor(agent) };
}

function firstAgentOf({ run, steps }: Pick<RunState, "run" | "steps">): string {
  return steps[0]?.agentId ?? run.agentId;
}

async function takeStep(context: RunContext, state: RunState): Promise<void> {
  const first = agentOf(context.services, firstAgentOf(state)) ?? context.agent;
  const maxSteps = first.maxSteps ?? DEFAULT_MAX_STEPS;
  const next = nextStep(state, maxSteps);
  switch (next.kind) {
    case "model":
      if (next.previous === undefined && (await compactContext(context, state))) return;
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

/** Ends a run that is to stop before anything is done, whether its agent is there or not. */
async function endStopped(claimed: Claimed): Promise<void> {
  const { services, key, run, stop } = claimed;
  if (stop.cause === "abandoned") return;
  const state = await loadRunState(services.engine, key, run);
  if (state === undefined) return;
  const agent = agentOf(services, run.agentId);
  await endEarly({ ...claimed, ...(agent && { agent }) }, state, stopEnd(stop.cause));
}

/** A run that was claimed again and again and never got on, because it ends the process that works on it. */
async function giveUp(claimed: Claimed): Promise<void> {
  const state = await loadRunState(claimed.services.engine, claimed.key, claimed.run);
  if (state !== undefined) await endEarly(claimed, state, INTERRUPTED);
}

function agentOf({ agents }: Pick<RunServices, "agents">, name: string): Agent | undefined {
  return agents.has(name) ? agents.get(name) : undefined;
}
