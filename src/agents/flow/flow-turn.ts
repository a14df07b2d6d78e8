import { isJsonObject } from "../../model/json.ts";
import type { Json } from "../../model/json.ts";
import type { Step } from "../../model/run.ts";
import { callIdsOf, textOf } from "../../model/part.ts";
import { DEFAULT_MAX_STEPS } from "../agent.ts";
import type { Agent } from "../agent.ts";
import { callState } from "../call-state.ts";
import { compactContext } from "../context/compact-step.ts";
import { endEarly, INTERRUPTED } from "../end-early.ts";
import { runModelStep } from "../model-step.ts";
import { nextStep } from "../next-step.ts";
import type { RunContext } from "../run-context.ts";
import type { RunJournal } from "../run-journal.ts";
import { lastModelStep, loadRunState } from "../run-state.ts";
import type { RunState } from "../run-state.ts";
import { settledSteps } from "../settle-steps.ts";
import { settleCalls } from "../sub-agent/deliver.ts";
import { runToolStep } from "../tool-step.ts";
import { invalid, never, WAITING } from "./flow-session.ts";
import type { FlowSession } from "./flow-session.ts";
import type { FlowTurn, FlowTurnOptions } from "./handler.ts";

/** Has another agent answer in this thread and run, step by step as it would in a run of its own. */
export function runAgent(
  session: FlowSession,
  key: string,
  agentName: string,
  options: FlowTurnOptions = {},
): Promise<FlowTurn> {
  return session.perform(async () => {
    const before = session.use(key, "agent", agentName);
    if (before?.status === "completed") return turnOf(session, messageIdIn(before.output));
    const context = await contextFor(session, agentName, options);
    const step = before ?? session.step(key, "agent", agentName);
    return session.speak(key, async () => {
      if (before === undefined) await session.commit([{ kind: "step.start", step }]);
      return speak(session, context, step);
    });
  });
}

async function contextFor(
  session: FlowSession,
  agentName: string,
  { instructions }: FlowTurnOptions,
): Promise<RunContext> {
  const { flow } = session;
  const { agents } = flow.services;
  const found = agents.get(agentName);
  if (found.handler !== undefined)
    throw invalid(`${agentName} is a function. It can be called, and not speak for another one.`);
  // The run belongs to the function: nobody hands it on.
  const agent: Agent = { ...found, handoffs: [] };
  const { model: _model, instructions: _instructions, ...rest } = flow.run;
  const run = { ...rest, ...(instructions !== undefined && { instructions }) };
  const journal: RunJournal = {
    get run() {
      return flow.journal.run;
    },
    commit: (actions) => session.commit(actions),
  };
  const model = await agents.modelFor(found);
  return { ...flow, agent, run, model, journal, isPart: true };
}

async function speak(
  session: FlowSession,
  context: RunContext,
  step: Step,
): Promise<FlowTurn | typeof WAITING> {
  const { services, key, run, stop } = context;
  for (;;) {
    if (stop.cause !== undefined) return never();
    const all = await loadRunState(services.engine, key, run);
    if (all === undefined) {
      session.end({ kind: "lost", error: undefined });
      return never();
    }
    const { state, earlier } = sinceStep(all, step);
    const settled = settledSteps(state, services.clock());
    if (settled.length > 0) await session.commit(settled);
    const said = await answerIn(context, state);
    if (said !== undefined) {
      await session.commit([session.completed(step, { message_id: said })]);
      return turnOf(session, said);
    }
    if (isWaiting(state)) {
      await settleCalls(services, key, state.run);
      return WAITING;
    }
    await takeStep(context, state, earlier);
  }
}

async function takeStep(context: RunContext, state: RunState, earlier: number): Promise<void> {
  const { maxSteps = DEFAULT_MAX_STEPS } = context.agent;
  const next = nextStep(state, maxSteps);
  switch (next.kind) {
    case "model":
      if (next.previous === undefined && (await compactContext(context, state))) return;
      // Keys go on where other agents of the run have stopped.
      return runModelStep(context, state, { ...next, number: next.number + earlier });
    case "tools":
      return runToolStep(context, state, next.calls);
    case "give-up":
      return endEarly(context, state, INTERRUPTED);
    case "limit": {
      const message = `${context.agent.name} reached its limit of ${maxSteps} model calls.`;
      const error = { code: "limit_exceeded", message };
      return endEarly(context, state, { event: "stop_short", reason: "error", error });
    }
  }
}

/** The steps of this agent's turn: what models and tools did since it began. One agent speaks at a time. */
function sinceStep(
  all: RunState,
  { id }: Step,
): { readonly state: RunState; readonly earlier: number } {
  const start = all.steps.findIndex((step) => step.id === id);
  const isOfTurn = ({ kind }: Step): boolean =>
    kind === "model" || kind === "tool" || kind === "compact";
  const before = all.steps.slice(0, start).filter(({ kind }) => kind === "model");
  return {
    state: { ...all, steps: all.steps.slice(start).filter(isOfTurn) },
    earlier: before.length,
  };
}

/** The message that ends the turn: the newest one, unless it calls tools. */
async function answerIn(
  { services, key }: RunContext,
  { open, calls, steps }: RunState,
): Promise<string | undefined> {
  const { status, messageId = "" } = lastModelStep(steps) ?? {};
  if (open !== undefined || calls.length > 0 || status !== "completed") return undefined;
  const [message] = await services.engine.store.loadMessages(key, [messageId]);
  const isCalling = message?.status === "completed" && callIdsOf(message.parts).length > 0;
  return isCalling ? undefined : messageId;
}

function isWaiting({ open, calls, steps, run }: RunState): boolean {
  return (
    open === undefined &&
    calls.length > 0 &&
    calls.every(({ callId }) => {
      const step = steps.find(({ key }) => key === `tool:${callId}`);
      return callState(callId, step, run.actions ?? []).phase === "waiting";
    })
  );
}

function messageIdIn(output: Json | undefined): string {
  if (!isJsonObject(output)) return "";
  const { message_id: id } = output;
  return typeof id === "string" ? id : "";
}

async function turnOf({ flow }: FlowSession, messageId: string): Promise<FlowTurn> {
  const [message] = await flow.services.engine.store.loadMessages(flow.key, [messageId]);
  return { messageId, text: textOf(message?.parts ?? []) };
}
