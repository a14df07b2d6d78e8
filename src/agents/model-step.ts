import { isRetryable, retryDelayMs, sleep } from "../engine/retry.ts";
import type { RunAction } from "../model/command.ts";
import { isSkeinError } from "../model/error.ts";
import type { SkeinError } from "../model/error.ts";
import type { MessageReason } from "../model/message.ts";
import { callIdsOf } from "../model/part.ts";
import type { Part } from "../model/part.ts";
import type { Step } from "../model/run.ts";
import { addCost } from "../model/usage.ts";
import { ChunkWriter } from "./chunk-writer.ts";
import { costOf, priceFor } from "./cost.ts";
import { crashPoint } from "./crash-point.ts";
import { costOfAttempts, endEarly, failure, stopEnd } from "./end-early.ts";
import { toolsOf } from "./handoff.ts";
import { contextOf } from "./context/context-of.ts";
import { attemptModel } from "./model-attempt.ts";
import type { AttemptOutcome } from "./model-attempt.ts";
import { callIdsIn, modelRequest } from "./model-request.ts";
import type { ModelRequest } from "./models/model.ts";
import { MODEL_ATTEMPTS } from "./next-step.ts";
import type { NextStep } from "./next-step.ts";
import type { RunContext } from "./run-context.ts";
import type { RunState } from "./run-state.ts";
import { asStreamed, partsOf } from "./streamed-parts.ts";

type ModelPlan = Extract<NextStep, { kind: "model" }>;
type Finished = Extract<AttemptOutcome, { kind: "finished" }>;
type OpenStep = Step & { readonly messageId: string };

const LONGEST_WAIT_MS = 60_000;

/** Asks the model once, trying again what may go away by itself, and commits what it said together with its usage and the
 *  step. The intent is in the journal before the call. */
export async function runModelStep(
  context: RunContext,
  state: RunState,
  plan: ModelPlan,
): Promise<void> {
  const request = await requestOf(context, state);
  let step = openStep(context, state, plan);
  let wasted = plan.attempt - 1;
  for (;;) {
    await begin(context, step, { isOpen: plan.previous !== undefined || step.attempt > 1 });
    const writer = chunkWriter(context, step);
    const outcome = await attemptModel({
      model: context.model,
      request,
      takenCallIds: [...callIdsIn(request.messages), ...calledIn(state)],
      async onPiece(piece) {
        await writer.add(piece);
        crashPoint("mid-stream");
      },
    });
    await writer.flush();
    if (outcome.kind === "finished") {
      const parts = asStreamed(outcome.parts, writer.parts);
      return commit(context, step, { ...outcome, parts }, wasted);
    }
    wasted += 1;
    const partial = { parts: partsOf(writer.parts), cost: costOfAttempts(context, wasted) };
    if (outcome.kind === "failed" && (await canRetry(context, outcome.error, step.attempt))) {
      step = { ...step, attempt: step.attempt + 1, startedAt: context.services.clock() };
      continue;
    }
    if (context.stop.cause === "abandoned") return;
    const end =
      outcome.kind === "failed" && context.stop.cause === undefined
        ? failure(outcome.error)
        : stopEnd(context.stop.cause);
    return endEarly(context, withOpen(state, step), { ...end, ...partial });
  }
}

async function requestOf(context: RunContext, state: RunState): Promise<ModelRequest> {
  const { services, key, agent, run, stop } = context;
  const { messages } = await contextOf(context, state);
  return modelRequest({
    agent,
    tools: toolsOf(agent, services.agents),
    instructions: run.instructions,
    thread: state.head.profile,
    messages,
    signal: stop.signal,
    now: services.clock(),
    loadBlob: (sha256) => services.loadBlob(key.tenant, sha256),
    saveBlob: (content) => services.saveBlob(key.tenant, content),
  });
}

function openStep(
  { services, agent, model, run }: RunContext,
  { branch }: RunState,
  plan: ModelPlan,
): OpenStep {
  const { previous, number, attempt } = plan;
  const asked = previous === undefined ? branch.messageId : previous.input?.messageId;
  return {
    runId: run.id,
    key: `model:${number}`,
    id: previous?.id ?? services.ids("step"),
    kind: "model",
    name: model.id,
    agentId: agent.name,
    attempt,
    fence: run.fence,
    status: "running",
    worker: services.engine.store.instance,
    ...(run.segment !== undefined && { segment: run.segment }),
    ...(asked != null && { input: { messageId: asked } }),
    messageId: previous?.messageId ?? services.ids("msg"),
    startedAt: services.clock(),
  };
}

async function begin(
  { journal, agent, model }: RunContext,
  step: OpenStep,
  { isOpen }: { readonly isOpen: boolean },
): Promise<void> {
  const open: RunAction = {
    kind: "message.open",
    id: step.messageId,
    role: "assistant",
    author: { kind: "agent", id: agent.name },
    stepId: step.id,
    model: model.id,
  };
  crashPoint("before-step-start");
  await journal.commit([{ kind: "step.start", step }, ...(isOpen ? [] : [open])]);
  crashPoint("after-step-start");
}

function chunkWriter({ services, key, run }: RunContext, step: OpenStep): ChunkWriter {
  return new ChunkWriter({
    runId: run.id,
    messageId: step.messageId,
    attempt: step.attempt,
    write: (chunks) => services.engine.worker.appendChunks(key.tenant, key.id, chunks),
  });
}

async function commit(
  context: RunContext,
  step: OpenStep,
  outcome: Finished,
  wasted: number,
): Promise<void> {
  const { services, journal, agent, run } = context;
  const { finish, usage, model } = outcome;
  const parts = outcome.parts.map((part) => withExecutor(context, part));
  const cost = addCost(
    costOf(usage, priceFor(model, agent, run, services.prices)),
    costOfAttempts(context, wasted),
  );
  const reason = REASONS[finish];
  const isLast = reason !== undefined || callIdsOf(parts).length === 0;
  const actions: RunAction[] = [
    {
      kind: "message.commit",
      id: step.messageId,
      parts,
      status: reason === undefined ? "completed" : "incomplete",
      ...(reason && { reason }),
      model,
      ...(usage && { usage }),
      cost,
    },
    {
      kind: "step.end",
      step: { ...step, status: "completed", endedAt: services.clock(), ...(usage && { usage }) },
    },
  ];
  if (context.isPart !== true && isLast)
    actions.push({
      kind: "run.event",
      ...(reason === undefined ? { event: "complete" } : stoppedShort(reason)),
    });
  crashPoint(isLast ? "before-final" : "before-step-end");
  await journal.commit(actions);
  crashPoint(isLast ? "after-final" : "after-step-end");
}

/** Ways to finish that leave an answer incomplete. */
const REASONS: Readonly<Partial<Record<Finished["finish"], MessageReason>>> = {
  length: "max_tokens",
  "content-filter": "content_filter",
};

function stoppedShort(
  reason: MessageReason,
): Pick<Extract<RunAction, { kind: "run.event" }>, "event" | "error"> {
  const message =
    reason === "max_tokens"
      ? "The answer reached the limit of output tokens."
      : "The provider's content filter stopped the answer.";
  return { event: "stop_short", error: { code: reason, message } };
}

/** Waits, if the failure is worth another try and there is one left. */
async function canRetry(
  { services, stop }: RunContext,
  error: SkeinError,
  attempt: number,
): Promise<boolean> {
  if (attempt >= MODEL_ATTEMPTS || !isRetryable(error)) return false;
  const waitMs = retryDelayMs(error, attempt, services.retry);
  if (waitMs > LONGEST_WAIT_MS) return false;
  try {
    await sleep(waitMs, stop.signal);
    return true;
  } catch (aborted) {
    if (isSkeinError(aborted, "aborted")) return false;
    throw aborted;
  }
}

/** Says of a call that the caller carries it out. */
function withExecutor({ agent }: Pick<RunContext, "agent">, part: Part): Part {
  if (part.type !== "tool-call" || part.executor !== undefined) return part;
  const executor = agent.tools?.find(({ name }) => name === part.name)?.executor;
  return executor === "client" ? { ...part, executor } : part;
}

/** Calls of the run so far, also those that stand outside of what the model is given. */
function calledIn({ steps, run }: RunState): readonly string[] {
  return [
    ...steps.flatMap(({ kind, key }) => (kind === "tool" ? [key.slice("tool:".length)] : [])),
    ...(run.actions ?? []).flatMap(({ callId }) => callId ?? []),
  ];
}

function withOpen(state: RunState, step: OpenStep): RunState {
  const { messageId, runId } = step;
  const open = {
    messageId,
    runId,
    branch: state.run.branch,
    version: 0,
    role: "assistant",
  } as const;
  const others = state.steps.filter(({ id }) => id !== step.id);
  return { ...state, open, calls: [], steps: [...others, step] };
}
