import type { TextStreamPart, ToolSet } from "ai";
import { isJsonObject, type Json, type JsonObject } from "../../model/json.ts";
import type { Part, ToolCallPart } from "../../model/part.ts";
import type { BlobContent, ModelEvent } from "./model.ts";

export type SdkPart = TextStreamPart<ToolSet>;
type Mutable<T> = { -readonly [K in keyof T]: T[K] };
type TextOrReasoning = "text" | "reasoning";

export interface AssemblerOptions {
  /** The arguments exactly as the provider sent them, by its call id. */
  readonly inputTexts: ReadonlyMap<string, string>;
  readonly saveBlob: ((content: BlobContent) => Promise<string>) | undefined;
}

export interface StepAssembler {
  /** Takes the next part of the SDK's stream; answers the events that it gives rise to. */
  accept(part: SdkPart): Promise<readonly ModelEvent[]>;
  /** The parts so far. */
  parts(): readonly Part[];
}

/** Builds our parts from the SDK's stream. A part gets its index when its first content arrives,
 *  so that no index belongs to an empty part. */
export function createStepAssembler(options: AssemblerOptions): StepAssembler {
  const parts: Mutable<Part>[] = [];
  const open = new Map<string, { index: number | undefined; metadata: JsonObject | undefined }>();
  const calls = new Map<string, number>();

  const push = (part: Part): number => parts.push(part) - 1;

  const openPart = (type: TextOrReasoning, id: string, metadata: unknown) => {
    const key = `${type}:${id}`;
    const state = open.get(key) ?? { index: undefined, metadata: undefined };
    state.metadata = mergeMetadata(state.metadata, metadata);
    open.set(key, state);
    return state;
  };

  const addText = (type: TextOrReasoning, id: string, text: string, metadata: unknown) => {
    const state = openPart(type, id, metadata);
    if (text === "") return [];
    state.index ??= push({ type, text: "" });
    const part = parts[state.index];
    if (part?.type === "text" || part?.type === "reasoning") part.text += text;
    return [{ type: `${type}-delta` as const, part: state.index, text }];
  };

  const endText = (type: TextOrReasoning, id: string, metadata: unknown, citations?: unknown) => {
    const state = openPart(type, id, metadata);
    open.delete(`${type}:${id}`);
    // Reasoning may have no text but a signature or a sealed body, which the provider wants back.
    if (state.index === undefined && type === "reasoning" && state.metadata !== undefined)
      state.index = push({ type, text: "" });
    const part = state.index === undefined ? undefined : parts[state.index];
    if (part === undefined) return;
    if (state.metadata !== undefined) part.providerMetadata = state.metadata;
    const quoted = toJson(citations);
    if (part.type === "text" && Array.isArray(quoted) && quoted.length > 0)
      part.citations = quoted.filter(isJsonObject);
  };

  const startCall = (callId: string, name: string, isProvider: boolean): readonly ModelEvent[] => {
    if (calls.has(callId)) return [];
    const call: ToolCallPart = {
      type: "tool-call",
      callId,
      name,
      inputText: "",
      ...(isProvider && { executor: "provider" }),
    };
    const part = push(call);
    calls.set(callId, part);
    return [{ type: "tool-call-start", part, callId, name }];
  };

  const addInput = (id: string, text: string): readonly ModelEvent[] => {
    const index = calls.get(id);
    const call = index === undefined ? undefined : parts[index];
    if (index === undefined || call?.type !== "tool-call" || text === "") return [];
    call.inputText += text;
    return [{ type: "tool-input-delta", part: index, callId: id, text }];
  };

  const endCall = (part: Extract<SdkPart, { type: "tool-call" }>): readonly ModelEvent[] => {
    const exact = options.inputTexts.get(part.toolCallId) ?? JSON.stringify(part.input) ?? "";
    const events = [...startCall(part.toolCallId, part.toolName, part.providerExecuted === true)];
    const call = parts[calls.get(part.toolCallId) ?? -1];
    if (call?.type !== "tool-call") return events;
    if (call.inputText === "") events.push(...addInput(part.toolCallId, exact));
    call.inputText = exact;
    const metadata = mergeMetadata(undefined, part.providerMetadata);
    if (metadata !== undefined) call.providerMetadata = metadata;
    return events;
  };

  const addResult = (
    part: Extract<SdkPart, { type: "tool-result" | "tool-error" }>,
    output: Json,
    isError: boolean,
  ): void => {
    // Only the provider's own tools answer here; ours have no `execute`.
    if (part.providerExecuted !== true || ("preliminary" in part && part.preliminary === true))
      return;
    push({
      type: "tool-result",
      callId: part.toolCallId,
      name: part.toolName,
      outcome: isError ? "error" : "ok",
      output:
        typeof output === "string"
          ? { type: "text", text: output }
          : { type: "json", value: output },
    });
  };

  const addFile = async ({ file }: Extract<SdkPart, { type: "file" | "reasoning-file" }>) => {
    const { mediaType, uint8Array: bytes } = file;
    if (options.saveBlob === undefined) {
      const message = `The model sent a file (${mediaType}, ${bytes.byteLength} bytes); it was not kept.`;
      push({ type: "error", code: "unsupported_part", message });
      return;
    }
    const sha256 = await options.saveBlob({ bytes, mediaType });
    push({
      type: "file",
      mediaType,
      source: { kind: "blob", sha256, sizeBytes: bytes.byteLength },
    });
  };

  const accept = async (part: SdkPart): Promise<readonly ModelEvent[]> => {
    switch (part.type) {
      case "text-start":
      case "reasoning-start":
        openPart(part.type === "text-start" ? "text" : "reasoning", part.id, part.providerMetadata);
        return [];
      case "text-delta":
        return addText("text", part.id, part.text, part.providerMetadata);
      case "reasoning-delta":
        return addText("reasoning", part.id, part.text, part.providerMetadata);
      case "text-end":
        endText("text", part.id, part.providerMetadata, part.citations);
        return [];
      case "reasoning-end":
        endText("reasoning", part.id, part.providerMetadata);
        return [];
      case "tool-input-start":
        return startCall(part.id, part.toolName, part.providerExecuted === true);
      case "tool-input-delta":
        return addInput(part.id, part.delta);
      case "tool-call":
        return endCall(part);
      case "tool-result":
        addResult(part, toJson(part.output), false);
        return [];
      case "tool-error":
        addResult(part, errorText(part.error), true);
        return [];
      case "file":
      case "reasoning-file":
        await addFile(part);
        return [];
      case "source":
        push({
          type: "source",
          kind: part.sourceType,
          ...(part.title !== undefined && { title: part.title }),
          ...(part.sourceType === "url" ? { url: part.url } : { mediaType: part.mediaType }),
        });
        return [];
      case "custom":
        push({ type: "opaque", format: part.kind, value: toJson(part.providerMetadata) });
        return [];
      default:
        return [];
    }
  };

  return {
    accept,
    parts: () => parts.map((part) => (part.type === "tool-call" ? withInput(part) : part)),
  };
}

/** The call with its parsed arguments. Empty text is an empty object, as models mean it. */
function withInput(call: ToolCallPart): ToolCallPart {
  if (call.inputText.trim() === "") return { ...call, input: {} };
  try {
    const input: Json = JSON.parse(call.inputText);
    return { ...call, input };
  } catch {
    return call;
  }
}

function mergeMetadata(known: JsonObject | undefined, added: unknown): JsonObject | undefined {
  const json = toJson(added);
  if (!isJsonObject(json) || Object.keys(json).length === 0) return known;
  const merged: Record<string, Json> = { ...known };
  for (const [provider, value] of Object.entries(json)) {
    const before = merged[provider];
    merged[provider] =
      before !== undefined && isJsonObject(before) && isJsonObject(value)
        ? { ...before, ...value }
        : value;
  }
  return merged;
}

function errorText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** What can be stored of a provider's value: dates become text, functions and `undefined` vanish. */
function toJson(value: unknown): Json {
  const text = JSON.stringify(value);
  if (text === undefined) return null;
  const json: Json = JSON.parse(text);
  return json;
}
