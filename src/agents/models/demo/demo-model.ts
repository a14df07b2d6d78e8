import { SkeinError } from "../../../model/error.ts";
import type { MessageBody } from "../../../model/message.ts";
import { text, textOf } from "../../../model/part.ts";
import type { Usage } from "../../../model/usage.ts";
import { abortedError, delay, untilAborted } from "../abort.ts";
import { isTextual } from "../media-type.ts";
import type { FinishReason, Model, ModelEvent, ModelRequest } from "../model.ts";
import { describeFile } from "../prompt-file.ts";
import { estimateTokens } from "../tokens.ts";
import { type DemoFile, readConversation } from "./conversation.ts";
import { answerOf } from "./rules.ts";

// Slow enough to watch, to stop and to kill; fast enough not to wait for.
const WORD_DELAY_MS = 15;
const UNITS_PER_TOKEN = 4;

export interface DemoModelOptions {
  /** Milliseconds before each word, default 15; 0 does not wait. */
  readonly delayMs?: number | undefined;
}

/** The built-in model: rules instead of a network, so that everything can be tried offline. Its answers
 *  depend only on the request, and each begins with its name. Takes text and image files; it reports
 *  what images are, since it cannot look at them. */
export function demoModel({ delayMs = WORD_DELAY_MS }: DemoModelOptions = {}): Model {
  return {
    id: "demo",
    isDemo: true,
    supports,
    stream: (request) => streamAnswer(request, delayMs),
  };
}

function supports(mediaType: string): boolean {
  return isTextual(mediaType) || mediaType.startsWith("image/");
}

async function* streamAnswer(
  request: ModelRequest,
  delayMs: number,
): AsyncGenerator<ModelEvent, void, undefined> {
  const { signal, messages, system, tools, settings } = request;
  if (signal.aborted) throw abortedError();
  const files = await untilAborted(readFiles(request), signal);
  const answer = answerOf(readConversation(messages, files, system, tools));
  const inputTokens = messages.reduce(
    (sum, message) => sum + estimateTokens(textOf(message.parts)),
    estimateTokens(system ?? ""),
  );
  if (answer.kind === "call") {
    yield* callTool(answer.tool, messages, inputTokens);
    return;
  }
  const limit = (settings?.maxOutputTokens ?? Number.MAX_SAFE_INTEGER) * UNITS_PER_TOKEN;
  const said = answer.text.slice(0, limit);
  for (const word of said.match(/\s*\S+|\s+$/g) ?? []) {
    if (delayMs > 0) await delay(delayMs, signal);
    else if (signal.aborted) throw abortedError();
    yield { type: "text-delta", part: 0, text: word };
  }
  yield {
    type: "step-end",
    parts: [text(said)],
    finish: finishOf(said, answer.text),
    usage: usageOf(inputTokens, said),
    model: "demo",
  };
}

function* callTool(
  name: string,
  messages: readonly MessageBody[],
  inputTokens: number,
): Generator<ModelEvent, void, undefined> {
  const before = messages.flatMap(({ parts }) => parts.filter(({ type }) => type === "tool-call"));
  const callId = `demo_call_${before.length + 1}`;
  yield { type: "tool-call-start", part: 0, callId, name };
  yield { type: "tool-input-delta", part: 0, callId, text: "{}" };
  yield {
    type: "step-end",
    parts: [{ type: "tool-call", callId, name, inputText: "{}", input: {} }],
    finish: "tool-calls",
    usage: usageOf(inputTokens, name),
    model: "demo",
  };
}

async function readFiles(request: ModelRequest): Promise<readonly DemoFile[]> {
  const files: DemoFile[] = [];
  const newest = request.messages.findLast(({ role }) => role === "user");
  for (const part of newest?.parts ?? []) {
    if (part.type !== "file") continue;
    if (!supports(part.mediaType))
      throw new SkeinError("unsupported_part", `demo cannot take the ${describeFile(part)}.`, {
        field: "parts",
        details: { model: "demo", mediaType: part.mediaType },
      });
    files.push({ part, text: await readText(part, request) });
  }
  return files;
}

async function readText(
  { mediaType, source }: DemoFile["part"],
  request: ModelRequest,
): Promise<string | undefined> {
  if (source.kind === "text") return source.text;
  if (source.kind !== "blob" || !isTextual(mediaType)) return undefined;
  const { bytes } = await request.loadBlob(source.sha256);
  return new TextDecoder().decode(bytes);
}

function finishOf(said: string, whole: string): FinishReason {
  return said.length < whole.length ? "length" : "stop";
}

function usageOf(inputTokens: number, output: string): Usage {
  return { inputTokens, outputTokens: estimateTokens(output) };
}
