import type { RunAction } from "../model/command.ts";
import type { Json } from "../model/json.ts";
import type { MarkerPart, ToolCallPart, ToolResultPart } from "../model/part.ts";
import type { Step } from "../model/run.ts";
import type { SuspendRequest, Tool } from "./agent.ts";
import { askFor, askToVerify, suspended } from "./ask.ts";
import { callState, suspensions } from "./call-state.ts";
import type { CallState } from "./call-state.ts";
import { crashPoint } from "./crash-point.ts";
import { executeTool, interruptedTool, isIdempotent, notCarriedOut } from "./execute-tool.ts";
import { gateCall } from "./gate-call.ts";
import { handoffTarget, handover, lateHandover, toolsOf } from "./handoff.ts";
import { hookContextOf, hooksOf } from "./run-hooks.ts";
import { MODEL_ATTEMPTS } from "./next-step.ts";
import type { RunContext } from "./run-context.ts";
import { lastModelStep } from "./run-state.ts";
import type { RunState } from "./run-state.ts";
import { settleCalls } from "./sub-agent/deliver.ts";
import { planAgentCall } from "./sub-agent/tool-call.ts";
import type { AgentCallPlan } from "./sub-agent/tool-call.ts";
import { toolContext } from "./tool-context.ts";

interface Job extends CallState {
  readonly call: ToolCallPart;
  readonly tool: Tool | undefined;
  readonly step: ToolStep;
  /** The attempt before, begun or only noted. */
  readonly before: Step | undefined;
  /** This attempt's number, those not counted that ended with a question. */
  readonly tries: number;
}

type ToolStep = Step & { readonly messageId: string };

/** What is to be done about a call now. */
type Plan = { readonly job: Job } & (
  | { readonly kind: "run"; readonly isNoted: boolean }
  | { readonly kind: "wait" }
  | { readonly kind: "ask"; readonly request: RunAction }
  | AgentCallPlan
);

/** Gets on with the open calls. First of all it asks for everything that somebody else has to allow, bring or say, and answers
 *  what needs no tool; in the same commit stands the intent of the calls that it then carries out: one unsafe call, or all
 *  idempotent ones up to the next unsafe one, at the same time. Their results are committed together, in the order of the
 *  calls. When nothing is left to carry out, the run waits. */
export async function runToolStep(
  context: RunContext,
  state: RunState,
  calls: readonly ToolCallPart[],
): Promise<void> {
  const { journal, stop } = context;
  const jobs = calls.map((call) => jobFor(context, state, call));
  const plans = await Promise.all(
    jobs.map(async (job) => withAgent(context, state, await planFor(context, state, job))),
  );
  const ready = plans.filter((plan) => plan.kind === "run");
  const batch = nextBatch(ready.map(({ job }) => job));
  const later = ready.filter(({ job, isNoted }) => !isNoted && !batch.includes(job));
  const intents = [
    ...plans.flatMap((plan) =>
      plan.kind === "ask" ? [...givenUp(context, plan.job), plan.request] : [],
    ),
    ...plans.flatMap((plan) => (plan.kind === "answer" ? answered(context, plan) : [])),
    ...plans.flatMap((plan) => (plan.kind === "call" ? plan.actions : [])),
    ...batch.flatMap(beginning),
    ...later.map(({ job }) => noted(job)),
  ];
  const isWaiting = plans.every(({ kind }) => kind === "ask" || kind === "wait");
  // What it waits for has to be there, also after a crash.
  if (isWaiting) await settleCalls(context.services, context.key, state.run);
  if (isWaiting && context.isPart !== true)
    intents.push({ kind: "run.event", event: "require_action" });
  crashPoint(isWaiting ? "before-wait" : "before-tool-intent");
  if (intents.length > 0) await journal.commit(intents);
  crashPoint(isWaiting ? "after-wait" : "after-tool-intent");
  if (plans.some(({ kind }) => kind === "call"))
    await settleCalls(context.services, context.key, journal.run);
  if (batch.length === 0) return;
  const outcomes = await Promise.all(batch.map((job) => carryOut(context, job)));
  // Whoever goes on with the run finds the intent, and decides.
  if (stop.cause === "abandoned") return;
  crashPoint("before-tool-result");
  await journal.commit(resultsOf(context, state, batch, outcomes));
  crashPoint("after-tool-result");
}

function jobFor({ services, agent, run }: RunContext, state: RunState, call: ToolCallPart): Job {
  const key = `tool:${call.callId}`;
  const before = state.steps.find((step) => step.key === key);
  const messageId = lastModelStep(state.steps)?.messageId;
  const { actions = [] } = state.run;
  const attempt = (before?.attempt ?? 0) + 1;
  return {
    ...callState(call.callId, before, actions),
    before,
    tries: attempt - suspensions(call.callId, actions),
    call,
    tool: toolsOf(agent, services.agents).find(({ name }) => name === call.name),
    step: {
      runId: run.id,
      key,
      id: before?.id ?? services.ids("step"),
      kind: "tool",
      name: call.name,
      agentId: agent.name,
      attempt,
      fence: run.fence,
      status: "running",
      worker: services.engine.store.instance,
      ...(run.segment !== undefined && { segment: run.segment }),
      input: { ...(messageId !== undefined && { messageId }), callId: call.callId },
      messageId: before?.messageId ?? services.ids("msg"),
      ...(before?.called && { called: before.called }),
      startedAt: services.clock(),
    },
  };
}

async function planFor(context: RunContext, state: RunState, job: Job): Promise<Plan> {
  const { call, tool, tries } = job;
  const { actions = [] } = state.run;
  switch (job.phase) {
    case "waiting":
      return { kind: "wait", job };
    case "ready":
      return { kind: "run", job, isNoted: true };
    case "overdue":
      return { kind: "answer", job, result: notCarriedOut(call, "error", "No answer in time.") };
    case "interrupted":
      if (!isIdempotent(tool)) return { kind: "ask", job, request: askToVerify(job, actions) };
      // What is interrupted again and again may be what interrupts.
      return tries <= MODEL_ATTEMPTS
        ? { kind: "run", job, isNoted: true }
        : { kind: "answer", job, result: interruptedTool(tool, call) };
    case "new":
      return lookAt(context, state, job);
  }
}

/** A tool that is an agent is not carried out here. */
async function withAgent(context: RunContext, state: RunState, plan: Plan): Promise<Plan> {
  const { job } = plan;
  const { tool, call, input } = job;
  const agentName = tool?.agentName;
  if (plan.kind !== "run" || tool === undefined || agentName === undefined) return plan;
  const chosen = chosenCall(call, input);
  return {
    job,
    ...(await planAgentCall(context, state, {
      ...job,
      call: chosen,
      tool: { ...tool, agentName },
    })),
  };
}

async function lookAt(context: RunContext, state: RunState, job: Job): Promise<Plan> {
  const { services, key, run, agent, journal, stop } = context;
  const { call, tool } = job;
  const caller = { key, run, agentName: agent.name, callId: call.callId, signal: stop.signal };
  const gate = await gateCall({
    call,
    tool,
    agent,
    hooks: hooksOf(services, agent),
    hookContext: hookContextOf(context),
    toolContext: toolContext(services.engine, journal, caller),
  });
  switch (gate.kind) {
    case "run":
      return { kind: "run", job, isNoted: gate.isFixed };
    case "ask":
      return { kind: "ask", job, request: askFor(job, gate, state.run.actions ?? []) };
    case "refuse":
      return { kind: "answer", job, result: notCarriedOut(call, gate.outcome, gate.text) };
  }
}

function nextBatch(jobs: readonly Job[]): readonly Job[] {
  const unsafe = jobs.findIndex(({ tool }) => !isIdempotent(tool));
  if (unsafe === -1) return jobs;
  return jobs.slice(0, Math.max(1, unsafe));
}

/** A decision is used up by the beginning: what is interrupted after it was begun is looked at anew. */
function beginning({ step, usedActionId }: Job): readonly RunAction[] {
  const start = { kind: "step.start", step } as const;
  return usedActionId === undefined
    ? [start]
    : [start, { kind: "action.done", actionId: usedActionId }];
}

/** Was looked at, and may be carried out; not begun. */
function noted({ step }: Job): RunAction {
  return { kind: "step.start", step: { ...step, attempt: 0 } };
}

/** Ends the attempt whose outcome nobody knows: a person is asked instead. */
function givenUp({ services }: RunContext, { phase, before }: Job): readonly RunAction[] {
  if (phase !== "interrupted" || before === undefined) return [];
  const error = { code: "run_interrupted", message: "The call was interrupted." };
  const ended = { ...before, status: "failed", error, endedAt: services.clock() } as const;
  return [{ kind: "step.end", step: ended }];
}

async function carryOut(context: RunContext, job: Job): Promise<ToolResultPart | SuspendRequest> {
  const { services, key, run, agent, journal, stop } = context;
  const { call, input, answer } = job;
  let asked: SuspendRequest | undefined;
  const given = toolContext(services.engine, journal, {
    key,
    run,
    agentName: agent.name,
    callId: call.callId,
    stepId: job.step.id,
    signal: stop.signal,
    answer,
    onSuspend: (request) => {
      asked ??= request;
    },
  });
  const chosen = chosenCall(call, input);
  crashPoint("before-tool");
  const result = await executeTool(toolsOf(agent, services.agents), chosen, given);
  crashPoint("after-tool");
  return asked ?? result;
}

/** The call with the arguments that a person chose. */
function chosenCall(call: ToolCallPart, input: Json | undefined): ToolCallPart {
  return input === undefined ? call : { ...call, input, inputText: JSON.stringify(input) };
}

function resultsOf(
  context: RunContext,
  state: RunState,
  batch: readonly Job[],
  outcomes: readonly (ToolResultPart | SuspendRequest)[],
): readonly RunAction[] {
  const { agent, services } = context;
  let target: string | undefined;
  return batch.flatMap((job, index) => {
    const outcome = outcomes[index];
    if (outcome === undefined) return [];
    if (!("type" in outcome)) {
      const endedAt = services.clock();
      // The call is not over, but this attempt is: nothing runs while a run waits.
      const ended = { ...job.step, status: "cancelled", endedAt } as const;
      return [
        suspended(job, outcome, state.run.actions ?? [], endedAt),
        { kind: "step.end", step: ended },
      ];
    }
    const to = outcome.outcome === "ok" ? handoffTarget(agent, job.call.name) : undefined;
    if (to === undefined) return answered(context, { job, result: outcome });
    if (target !== undefined)
      return answered(context, { job, result: lateHandover(outcome, target) });
    target = to;
    const { marker, action } = handover(agent.name, to);
    return [...answered(context, { job, result: outcome, parts: [marker] }), action];
  });
}

/** Commits a result with the step that it ends, which may not have been begun. */
function answered(
  { services }: Pick<RunContext, "services">,
  {
    job,
    result,
    parts = [],
    used = [],
  }: {
    readonly job: Job;
    readonly result: ToolResultPart;
    readonly parts?: readonly MarkerPart[];
    readonly used?: readonly RunAction[];
  },
): readonly RunAction[] {
  const { step } = job;
  const status =
    result.outcome === "ok" ? "completed" : result.outcome === "cancelled" ? "cancelled" : "failed";
  return [
    {
      kind: "message.append",
      message: { id: step.messageId, role: "tool", parts: [result, ...parts], stepId: step.id },
    },
    { kind: "step.end", step: { ...step, status, endedAt: services.clock() } },
    ...used,
  ];
}
