import { checkParts, checkText } from "../model/check.ts";
import type { Engine, MessageInput } from "../engine/engine.ts";
import { SkeinError } from "../model/error.ts";
import { userOf } from "../model/principal.ts";
import type { Principal } from "../model/principal.ts";
import { text } from "../model/part.ts";
import type { MessageBody } from "../model/message.ts";
import type { Run } from "../model/run.ts";
import { NO_COST, NO_USAGE } from "../model/usage.ts";
import { Channel } from "./channel.ts";
import { messagesOf } from "./respond-input.ts";
import type { RunServices } from "./run-context.ts";
import type { RespondInput, RunStreamEvent } from "./skein.ts";
import { runUnstored } from "./unstored-run.ts";
import type { UnstoredResult } from "./unstored-run.ts";

/** Who asks, and with what. */
export interface UnstoredCall {
  readonly services: RunServices;
  readonly engine: Engine;
  readonly principal: Pick<Principal, "tenant" | "user" | "scopes">;
}

/** Answers without a thread. Nothing is stored; the signal ends the run. */
export async function answerUnstored(
  { services, engine, principal }: UnstoredCall,
  input: RespondInput,
  emit: (event: RunStreamEvent) => void = () => {},
): Promise<UnstoredResult> {
  checkUnstored(input);
  const agent = services.agents.get(input.agentId ?? services.agents.defaultName);
  if (agent.handler !== undefined)
    throw new SkeinError(
      "unsupported_capability",
      `${agent.name} is a function, and what it does is kept in a thread.`,
      { field: "thread" },
    );
  const userId = input.userId ?? userOf(principal);
  const caller = input.userId === undefined ? {} : { userId: input.userId };
  return runUnstored({
    services,
    tenant: principal.tenant,
    userId,
    agent,
    model: await services.agents.modelFor(agent, input.model),
    run: runFor(services, agent.name, userId, input),
    input: messagesOf(input.input).map((message) => bodyOf(services, message, userId)),
    signal: input.signal ?? new AbortController().signal,
    loadBlob: async (sha256) => {
      const { info, bytes } = await engine.getBlob(sha256, caller);
      return { bytes, mediaType: info.mediaType };
    },
    emit,
  });
}

/** Like `answerUnstored`, as events. Leaving the loop ends the run. */
export async function* streamUnstored(
  call: UnstoredCall,
  input: RespondInput,
): AsyncGenerator<RunStreamEvent, void, undefined> {
  const channel = new Channel<RunStreamEvent>();
  const left = new AbortController();
  const signal = AbortSignal.any([left.signal, ...(input.signal ? [input.signal] : [])]);
  const answer = answerUnstored(call, { ...input, signal }, (event) => channel.push(event));
  const ended = answer.finally(() => channel.end());
  // Thrown below, when the events are read.
  ended.catch(() => undefined);
  try {
    yield* channel.items();
    await ended;
  } finally {
    left.abort();
  }
}

/** What needs a thread, and its name on the wire. */
const NEEDS_THREAD = {
  threadId: "thread_id",
  branch: "branch",
  ifMissing: "if_missing",
  expectedVersion: "expected_version",
  expectedHead: "expected_head",
  opId: "idempotency_key",
  strategy: "multitask_strategy",
} as const satisfies Partial<Record<keyof RespondInput, string>>;

function checkUnstored(input: RespondInput): void {
  const given: Readonly<Record<string, unknown>> = { ...input };
  for (const [name, field] of Object.entries(NEEDS_THREAD))
    if (given[name] !== undefined)
      throw new SkeinError(
        "invalid_request",
        `With thread: false nothing is stored; leave ${name} out.`,
        {
          field,
        },
      );
}

function runFor(
  { ids, clock }: RunServices,
  agentId: string,
  requestedBy: string,
  { model, instructions, metadata }: RespondInput,
): Run {
  const now = clock();
  return {
    id: ids("run"),
    threadId: "",
    branch: "main",
    agentId,
    strategy: "enqueue",
    status: "running",
    fence: 0,
    requestedBy,
    inputIds: [],
    turnId: null,
    createdAt: now,
    startedAt: now,
    usage: NO_USAGE,
    cost: NO_COST,
    ...(model !== undefined && { model }),
    ...(instructions !== undefined && { instructions }),
    ...(metadata !== undefined && { metadata }),
  };
}

function bodyOf({ ids }: RunServices, input: MessageInput, userId: string): MessageBody {
  const { id, role = "user", content, author } = input;
  if (typeof content === "string") checkText(content, "input");
  else checkParts(content, "input");
  return {
    id: id ?? ids("msg"),
    role,
    status: "completed",
    parts: typeof content === "string" ? [text(content)] : content,
    ...(role === "user" && { author: { kind: "user", id: author ?? userId } }),
  };
}
