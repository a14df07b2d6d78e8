import { abortedError, delay, untilAborted } from "../agents/models/abort.ts";
import type { FinishReason, Model, ModelEvent, ModelRequest } from "../agents/models/model.ts";
import { estimateTokens } from "../agents/models/tokens.ts";
import { SkeinError } from "../model/error.ts";
import type { Json } from "../model/json.ts";
import type { Part } from "../model/part.ts";
import type { Usage } from "../model/usage.ts";

/** One thing that the model does, in order. A string is a text delta. */
export type ScriptedItem =
  | string
  | { readonly reasoning: string }
  | { readonly toolCall: ScriptedToolCall }
  /** Waits; an abort ends the waiting. */
  | { readonly wait: Promise<unknown> }
  | { readonly delayMs: number }
  /** Throws it. */
  | { readonly error: Error };

export interface ScriptedToolCall {
  /** Default `call_` and a number that grows with every call of this model. */
  readonly callId?: string;
  readonly name: string;
  /** A value; or pieces of JSON text, which are streamed one by one and may be invalid together. */
  readonly input: Json | { readonly pieces: readonly string[] };
}

/** One step. A string or a list stands for its items. */
export type ScriptedReply =
  | string
  | readonly ScriptedItem[]
  | {
      readonly items: readonly ScriptedItem[];
      /** Default: `tool-calls` when there are calls, else `stop`. */
      readonly finish?: FinishReason;
      /** Default: estimated; `null` reports none. */
      readonly usage?: Usage | null;
    };

export type Script =
  | readonly ScriptedReply[]
  | ((request: ModelRequest, index: number) => ScriptedReply | Promise<ScriptedReply>);

export interface ScriptedModelOptions {
  /** Default `scripted`. */
  readonly id?: string;
  /** Default: every file is taken. */
  readonly supports?: (mediaType: string) => boolean;
}

export interface ScriptedModel extends Model {
  /** Every request so far, oldest first. */
  readonly requests: readonly ModelRequest[];
}

/** A model in the process, for tests: it answers call n with reply n of the script. A call beyond the
 *  script's end throws `internal`, so that an unexpected step is noticed. */
export function scriptedModel(script: Script, options: ScriptedModelOptions = {}): ScriptedModel {
  const { id = "scripted", supports = () => true } = options;
  const requests: ModelRequest[] = [];
  let calls = 0;
  const nextCallId = (): string => `call_${++calls}`;

  async function* stream(request: ModelRequest): AsyncGenerator<ModelEvent, void, undefined> {
    const index = requests.push(request) - 1;
    const { signal } = request;
    if (signal.aborted) throw abortedError();
    const found = typeof script === "function" ? script(request, index) : script[index];
    if (found === undefined)
      throw new SkeinError("internal", `The script has no reply for call ${index + 1}.`);
    const reply = asReply(await untilAborted(Promise.resolve(found), signal));
    const parts: Part[] = [];
    for (const item of reply.items) {
      if (typeof item === "string") yield addText(parts, "text", item);
      else if ("reasoning" in item) yield addText(parts, "reasoning", item.reasoning);
      else if ("toolCall" in item) yield* addCall(parts, item.toolCall, nextCallId);
      else if ("wait" in item) await untilAborted(item.wait, signal);
      else if ("delayMs" in item) await delay(item.delayMs, signal);
      else throw item.error;
      if (signal.aborted) throw abortedError();
    }
    const hasCalls = parts.some(({ type }) => type === "tool-call");
    yield {
      type: "step-end",
      parts,
      finish: reply.finish ?? (hasCalls ? "tool-calls" : "stop"),
      usage: reply.usage === null ? undefined : (reply.usage ?? estimate(request, parts)),
      model: id,
    };
  }

  return { id, supports, stream, requests };
}

function asReply(reply: ScriptedReply): Extract<ScriptedReply, { items: unknown }> {
  if (typeof reply === "string") return { items: [reply] };
  return "items" in reply ? reply : { items: reply };
}

function addText(parts: Part[], type: "text" | "reasoning", text: string): ModelEvent {
  const last = parts.at(-1);
  if (last?.type === type) parts[parts.length - 1] = { ...last, text: last.text + text };
  else parts.push({ type, text });
  return { type: `${type}-delta`, part: parts.length - 1, text };
}

function* addCall(
  parts: Part[],
  { callId: givenId, name, input }: ScriptedToolCall,
  nextCallId: () => string,
): Generator<ModelEvent, void, undefined> {
  const callId = givenId ?? nextCallId();
  const pieces = piecesOf(input);
  const inputText = pieces.join("");
  const part = parts.push({ type: "tool-call", callId, name, inputText, ...parse(inputText) }) - 1;
  yield { type: "tool-call-start", part, callId, name };
  for (const text of pieces) yield { type: "tool-input-delta", part, callId, text };
}

function piecesOf(input: ScriptedToolCall["input"]): readonly string[] {
  const isPieces = typeof input === "object" && input !== null && "pieces" in input;
  return isPieces && Array.isArray(input.pieces)
    ? input.pieces.map(String)
    : [JSON.stringify(input)];
}

function parse(inputText: string): { readonly input?: Json } {
  try {
    const input: Json = JSON.parse(inputText);
    return { input };
  } catch {
    return {};
  }
}

function estimate({ messages, system = "" }: ModelRequest, parts: readonly Part[]): Usage {
  return {
    inputTokens: estimateTokens(system + JSON.stringify(messages.map((message) => message.parts))),
    outputTokens: estimateTokens(JSON.stringify(parts)),
  };
}
