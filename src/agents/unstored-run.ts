import { SkeinError } from "../model/error.ts";
import { isRetryable, retryDelayMs, sleep } from "../engine/retry.ts";
import type { Message, MessageBody } from "../model/message.ts";
import { callIdsOf } from "../model/part.ts";
import type { ToolCallPart, ToolResultPart } from "../model/part.ts";
import type { Run } from "../model/run.ts";
import { addCost, addUsage, NO_COST, NO_USAGE } from "../model/usage.ts";
import { contextWindow } from "../model/window.ts";
import type { Agent, ToolContext } from "./agent.ts";
import { DEFAULT_MAX_STEPS } from "./agent.ts";
import { costOf, priceFor } from "./cost.ts";
import { runErrorOf } from "./end-early.ts";
import { executeTool, notCarriedOut } from "./execute-tool.ts";
import { gateCall } from "./gate-call.ts";
import { attemptModel } from "./model-attempt.ts";
import type { AttemptOutcome } from "./model-attempt.ts";
import { callIdsIn, modelRequest } from "./model-request.ts";
import type { BlobContent, Model, ModelRequest } from "./models/model.ts";
import { MODEL_ATTEMPTS } from "./next-step.ts";
import type { RunServices } from "./run-context.ts";
import { hooksOf } from "./run-hooks.ts";
import { advanced, RUN_START, writeEnd, writePosition } from "./run-position.ts";
import type { RunPosition } from "./run-position.ts";
import type { RunStreamEvent } from "./skein.ts";
import { asStreamed } from "./streamed-parts.ts";
import type { Piece } from "./streamed-parts.ts";
import { addPiece } from "./streamed-parts.ts";
import { unstoredToolContext } from "./tool-context.ts";

type Finished = Extract<AttemptOutcome, { kind: "finished" }>;

export interface UnstoredRun {
  readonly services: RunServices;
  readonly tenant: string;
  readonly userId: string;
  readonly agent: Agent;
  readonly model: Model;
  /** As a stored run would look; its thread has no id. */
  readonly run: Run;
  readonly input: readonly MessageBody[];
  readonly signal: AbortSignal;
  readonly loadBlob: (sha256: string) => Promise<BlobContent>;
  readonly emit: (event: RunStreamEvent) => void;
}

export interface UnstoredResult {
  readonly run: Run;
  readonly messages: readonly Message[];
}

/** Runs an agent, its tools included, and stores nothing. A failure is the run's error, as it would be in the store. */
export async function runUnstored(context: UnstoredRun): Promise<UnstoredResult> {
  const { services, agent, emit } = context;
  const written: Message[] = [];
  let run: Run = context.run;
  let position: RunPosition = RUN_START;
  const add = (message: Message): void => {
    written.push(message);
    position = { step: position.step + 1, attempt: 0, offsets: [] };
    emit({ type: "message", message, position: writePosition(position) });
  };
  const end = (change: Partial<Run>): UnstoredResult => {
    run = { ...run, ...change, endedAt: services.clock() };
    emit({ type: "end", run, position: writeEnd() });
    return { run, messages: written };
  };
  emit({ type: "run", run, position: writePosition(position) });
  try {
    for (let steps = 1; ; steps++) {
      if (steps > (agent.maxSteps ?? DEFAULT_MAX_STEPS))
        return end({ status: "incomplete", error: limitReached(steps - 1) });
      const request = requestFor(context, written);
      const id = services.ids("msg");
      const onPiece = (attempt: number, piece: Piece, offset: number): void => {
        if (position.attempt > 0 && position.attempt !== attempt) {
          position = { ...position, attempt, offsets: [] };
          emit({
            type: "attempt-reset",
            messageId: id,
            attempt,
            position: writePosition(position),
          });
        }
        position = advanced({ ...position, attempt }, piece.part, offset + piece.text.length);
        emit({
          type: "delta",
          messageId: id,
          attempt,
          ...piece,
          offset,
          position: writePosition(position),
        });
      };
      const outcome = await askModel(context, request, onPiece);
      const message = answerOf(context, id, outcome);
      run = {
        ...run,
        usage: addUsage(run.usage, message.usage ?? NO_USAGE),
        cost: addCost(run.cost, message.cost ?? NO_COST),
        lastMessageId: id,
      };
      add(message);
      if (message.reason !== undefined)
        return end({
          status: "incomplete",
          error: { code: message.reason, message: "The answer was cut short." },
        });
      const calls = message.parts.filter(isServerCall);
      if (calls.length === 0) return end({ status: "completed" });
      for (const call of calls) add(await answerCall(context, call));
      if (context.signal.aborted) throw aborted();
    }
  } catch (error) {
    return end({ status: "failed", error: runErrorOf(error) });
  }
}

function requestFor(context: UnstoredRun, written: readonly Message[]): ModelRequest {
  const { agent, run, userId, signal, services, input } = context;
  return modelRequest({
    agent,
    tools: agent.tools ?? [],
    instructions: run.instructions,
    thread: { owner: userId, members: {}, metadata: {} },
    messages: contextWindow([...input, ...written], agent.context),
    signal,
    now: services.clock(),
    loadBlob: context.loadBlob,
  });
}

/** One answer of the model, or the error that remains after the last try. */
async function askModel(
  { services, model, signal }: UnstoredRun,
  request: ModelRequest,
  onPiece: (attempt: number, piece: Piece, offset: number) => void,
): Promise<Finished> {
  for (let attempt = 1; ; attempt++) {
    const streamed = new Map<number, Piece>();
    const outcome = await attemptModel({
      model,
      request,
      takenCallIds: callIdsIn(request.messages),
      onPiece: async (piece) => {
        const known = streamed.get(piece.part);
        addPiece(streamed, piece);
        onPiece(attempt, { ...known, ...piece }, known?.text.length ?? 0);
      },
    });
    if (outcome.kind === "finished")
      return { ...outcome, parts: asStreamed(outcome.parts, streamed) };
    if (outcome.kind === "stopped") throw aborted();
    if (attempt >= MODEL_ATTEMPTS || !isRetryable(outcome.error)) throw outcome.error;
    await sleep(retryDelayMs(outcome.error, attempt, services.retry), signal);
  }
}

function answerOf(context: UnstoredRun, id: string, outcome: Finished): Message {
  const { services, agent, run } = context;
  const { parts, finish, usage, model } = outcome;
  const reason =
    finish === "length" ? "max_tokens" : finish === "content-filter" ? "content_filter" : undefined;
  return {
    ...placeless(context, id),
    role: "assistant",
    author: { kind: "agent", id: agent.name },
    status: reason === undefined ? "completed" : "incomplete",
    ...(reason && { reason }),
    parts,
    model,
    ...(usage && { usage }),
    cost: costOf(usage, priceFor(model, agent, run, services.prices)),
  };
}

async function answerCall(context: UnstoredRun, call: ToolCallPart): Promise<Message> {
  const { services, tenant, userId, agent, run, signal } = context;
  const caller = { tenant, callId: call.callId, agentName: agent.name, userId, signal };
  const result = await carryOut(context, call, unstoredToolContext(caller, run.id));
  return {
    ...placeless(context, services.ids("msg")),
    role: "tool",
    status: "completed",
    parts: [result],
  };
}

/** Nobody can be asked: what would take somebody else is not carried out. */
async function carryOut(
  { services, agent }: UnstoredRun,
  call: ToolCallPart,
  toolContext: ToolContext,
): Promise<ToolResultPart> {
  const { tools = [] } = agent;
  const gate = await gateCall({
    call,
    tool: tools.find(({ name }) => name === call.name),
    agent,
    hooks: hooksOf(services, agent),
    hookContext: toolContext,
    toolContext,
  });
  switch (gate.kind) {
    case "run":
      return executeTool(tools, call, toolContext);
    case "refuse":
      return notCarriedOut(call, gate.outcome, gate.text);
    case "ask":
      return notCarriedOut(call, "denied", "This takes a thread in which somebody can be asked.");
  }
}

function placeless(
  { run, services }: UnstoredRun,
  id: string,
): Pick<
  Message,
  "id" | "threadId" | "runId" | "parentId" | "turnId" | "depth" | "version" | "createdAt"
> {
  return {
    id,
    threadId: run.threadId,
    runId: run.id,
    parentId: null,
    turnId: run.id,
    depth: null,
    version: 0,
    createdAt: services.clock(),
  };
}

function isServerCall(part: Message["parts"][number]): part is ToolCallPart {
  return part.type === "tool-call" && callIdsOf([part]).length > 0;
}

function limitReached(maxSteps: number): { readonly code: string; readonly message: string } {
  return {
    code: "limit_exceeded",
    message: `The run reached its limit of ${maxSteps} model calls.`,
  };
}

function aborted(): SkeinError {
  return new SkeinError("aborted", "The caller stopped the run.");
}
