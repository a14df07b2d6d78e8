import type { JSONValue, ToolCallPart as SdkToolCall, ToolResultPart as SdkToolResult } from "ai";
import { isJsonObject, type Json, type JsonObject } from "../../model/json.ts";
import type { MessageBody } from "../../model/message.ts";
import type { ToolCallPart, ToolResultPart } from "../../model/part.ts";

type SdkOutput = SdkToolResult["output"];

/** The results in `messages` by the id of the call that they answer; the last one counts. */
export function resultsByCall(
  messages: readonly MessageBody[],
): ReadonlyMap<string, ToolResultPart> {
  const results = new Map<string, ToolResultPart>();
  for (const { parts } of messages)
    for (const part of parts) if (part.type === "tool-result") results.set(part.callId, part);
  return results;
}

export function toPromptCall(part: ToolCallPart): SdkToolCall {
  return {
    type: "tool-call",
    toolCallId: part.callId,
    toolName: part.name,
    input: argumentsOf(part),
    ...(part.executor === "provider" && { providerExecuted: true }),
    ...(part.providerMetadata !== undefined && { providerOptions: options(part.providerMetadata) }),
  };
}

/** The result of `call`. A call without one gets an error: providers refuse a history with an open call. */
export function toPromptResult(
  call: ToolCallPart,
  result: ToolResultPart | undefined,
): SdkToolResult {
  return {
    type: "tool-result",
    toolCallId: call.callId,
    toolName: call.name,
    output:
      result === undefined
        ? { type: "error-text", value: "There is no result: the call was not carried out." }
        : outputOf(result),
    ...(result?.providerMetadata !== undefined && {
      providerOptions: options(result.providerMetadata),
    }),
  };
}

/** What the provider wants back unchanged, by provider. */
export function options(metadata: JsonObject): Record<string, Record<string, JSONValue>> {
  const copies: Record<string, Record<string, JSONValue>> = {};
  for (const [provider, value] of Object.entries(metadata))
    if (isJsonObject(value)) copies[provider] = copy(value);
  return copies;
}

// Providers want an object, also where the model wrote none.
function argumentsOf({ input, inputText }: ToolCallPart): Record<string, JSONValue> {
  if (input !== undefined && isJsonObject(input)) return copy(input);
  if (inputText.trim() === "") return {};
  return { input: input === undefined ? inputText : copy(input) };
}

function outputOf({ output, outcome }: ToolResultPart): SdkOutput {
  if (outcome === "denied")
    return { type: "execution-denied", ...(output.type !== "json" && { reason: output.text }) };
  const isError = outcome !== "ok" || output.type === "error";
  if (output.type === "json")
    return { type: isError ? "error-json" : "json", value: copy(output.value) };
  return { type: isError ? "error-text" : "text", value: output.text };
}

/** The SDK's JSON types are mutable, so it gets its own copy. */
function copy(value: JsonObject): Record<string, JSONValue>;
function copy(value: Json): JSONValue;
function copy(value: Json): JSONValue {
  const copied: JSONValue = JSON.parse(JSON.stringify(value));
  return copied;
}
