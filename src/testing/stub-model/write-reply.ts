import type { ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { estimateTokens } from "../../agents/models/tokens.ts";
import type { ChatRequest } from "./chat-request.ts";
import type { StubReply, StubToolCall, StubUsage } from "./stub-reply.ts";

/** Number of pieces that a tool call's arguments are cut into; the cuts fall inside JSON strings and numbers. */
const ARGUMENT_PIECES = 4;

interface NumberedCall extends StubToolCall {
  readonly id: string;
}

/** Answers in the shape of the Chat Completions API: one JSON body, or `data:` lines and `[DONE]`. */
export async function writeReply(
  response: ServerResponse,
  request: ChatRequest,
  reply: StubReply,
  nextCallId: () => string,
  signal: AbortSignal,
): Promise<void> {
  if (reply.isHanging === true) {
    if (request.isStream) startStream(response);
    return;
  }
  if (reply.failure !== undefined) {
    const { status, message, retryAfterSeconds } = reply.failure;
    if (retryAfterSeconds !== undefined) response.setHeader("retry-after", retryAfterSeconds);
    writeJson(response, status, {
      error: { message, type: "stub_error", code: null, param: null },
    });
    return;
  }
  const calls = (reply.toolCalls ?? []).map((call) => ({ ...call, id: call.id ?? nextCallId() }));
  if (request.isStream) await writeStream(response, request, reply, calls, signal);
  else writeWhole(response, request, reply, calls);
}

export function writeJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
}

async function writeStream(
  response: ServerResponse,
  request: ChatRequest,
  reply: StubReply,
  calls: readonly NumberedCall[],
  signal: AbortSignal,
): Promise<void> {
  startStream(response);
  const head = { ...envelope(request), object: "chat.completion.chunk" };
  const write = (fields: object): void => {
    response.write(`data: ${JSON.stringify({ ...head, ...fields })}\n\n`);
  };
  let written = 0;
  for (const delta of deltasOf(reply, calls)) {
    if (reply.breakAfterChunks === written) {
      // What was written so far still reaches the client.
      await new Promise<void>((resolve) => response.write(": cut\n\n", () => resolve()));
      response.destroy();
      return;
    }
    if (reply.delayMs !== undefined && reply.delayMs > 0) await sleep(reply.delayMs);
    if (signal.aborted) return;
    write({ choices: [{ index: 0, delta, finish_reason: null }] });
    written++;
  }
  write({ choices: [{ index: 0, delta: {}, finish_reason: finishOf(reply) }] });
  const usage = usageOf(request, reply);
  if (request.hasUsage && usage !== undefined) write({ choices: [], usage });
  response.end("data: [DONE]\n\n");
}

function writeWhole(
  response: ServerResponse,
  request: ChatRequest,
  reply: StubReply,
  calls: readonly NumberedCall[],
): void {
  const message = {
    role: "assistant",
    content: reply.text ?? null,
    ...(reply.reasoning !== undefined && { reasoning_content: reply.reasoning }),
    ...(calls.length > 0 && { tool_calls: calls.map(toWireCall) }),
  };
  writeJson(response, 200, {
    ...envelope(request),
    object: "chat.completion",
    choices: [{ index: 0, message, finish_reason: finishOf(reply) }],
    usage: usageOf(request, reply),
  });
}

function startStream(response: ServerResponse): void {
  response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-cache" });
  response.flushHeaders();
}

function envelope({ model }: ChatRequest): object {
  return { id: "chatcmpl-stub", created: 0, model };
}

function* deltasOf(reply: StubReply, calls: readonly NumberedCall[]): Generator<object> {
  yield { role: "assistant", content: "" };
  for (const word of wordsOf(reply.reasoning)) yield { reasoning_content: word };
  for (const word of wordsOf(reply.text)) yield { content: word };
  for (const [index, call] of calls.entries()) {
    const { id, name } = call;
    yield { tool_calls: [{ index, id, type: "function", function: { name, arguments: "" } }] };
    const size = Math.max(1, Math.ceil(call.arguments.length / ARGUMENT_PIECES));
    for (let start = 0; start < call.arguments.length; start += size)
      yield {
        tool_calls: [{ index, function: { arguments: call.arguments.slice(start, start + size) } }],
      };
  }
}

function wordsOf(text = ""): readonly string[] {
  return text.match(/\s*\S+|\s+$/g) ?? [];
}

function finishOf({ finish, toolCalls = [] }: StubReply): string {
  return finish ?? (toolCalls.length > 0 ? "tool_calls" : "stop");
}

function toWireCall(call: NumberedCall): object {
  return {
    id: call.id,
    type: "function",
    function: { name: call.name, arguments: call.arguments },
  };
}

function usageOf({ messages }: ChatRequest, reply: StubReply): object | undefined {
  if (reply.usage === null) return undefined;
  const input = messages.reduce((sum, { text }) => sum + estimateTokens(text), 0);
  const reasoning = estimateTokens(reply.reasoning ?? "");
  const calls = (reply.toolCalls ?? []).map((call) => call.arguments).join("");
  const estimated: StubUsage = {
    inputTokens: input,
    outputTokens: reasoning + estimateTokens(reply.text ?? "") + estimateTokens(calls),
    reasoningTokens: reasoning,
  };
  const { inputTokens, outputTokens, cachedInputTokens, reasoningTokens } =
    reply.usage ?? estimated;
  return {
    prompt_tokens: inputTokens,
    completion_tokens: outputTokens,
    total_tokens: inputTokens + outputTokens,
    prompt_tokens_details: { cached_tokens: cachedInputTokens ?? 0 },
    completion_tokens_details: { reasoning_tokens: reasoningTokens ?? 0 },
  };
}
