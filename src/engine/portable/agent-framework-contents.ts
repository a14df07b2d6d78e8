import { hash } from "node:crypto";
import { SkeinError } from "../../model/error.ts";
import { isJsonObject } from "../../model/json.ts";
import type { Json, JsonObject } from "../../model/json.ts";
import { LIMITS } from "../../model/limits.ts";
import type { Part, ToolOutput } from "../../model/part.ts";
import type { Usage } from "../../model/usage.ts";
import type { BlobInfo } from "../../store/blob.ts";
import { withoutPassword } from "./without-passwords.ts";

export type FoundBlob = BlobInfo & { readonly bytes: Uint8Array };

export interface FoundContents {
  readonly parts: readonly Part[];
  /** Bytes that were inline. */
  readonly blobs: readonly FoundBlob[];
  readonly usage?: Usage;
}

/** The contents of one message of the Agent Framework as parts. What has no part of its own is kept as it is. */
export function contentsFrom(given: Json, field: string): FoundContents {
  if (!Array.isArray(given)) throw wrong(`${field}.contents`, "must be a list");
  const parts: Part[] = [];
  const blobs: FoundBlob[] = [];
  let usage: Usage | undefined;
  for (const [index, content] of given.entries()) {
    const at = `${field}.contents[${index}]`;
    if (!isJsonObject(content)) throw wrong(at, "must be a JSON object");
    const { type } = content;
    if (type === "usage") usage = usageOf(content) ?? usage;
    else if (type === "data") parts.push(bytesIn(content, at, blobs));
    else parts.push(partOf(content));
  }
  return { parts, blobs, ...(usage && { usage }) };
}

/** What Skein has no part for, verbatim. */
export function opaque(value: object): Part {
  return { type: "opaque", format: "agent-framework", value: JSON.parse(JSON.stringify(value)) };
}

function partOf(content: JsonObject): Part {
  switch (content["type"]) {
    case "text":
      return { type: "text", text: textOf(content["text"]) };
    case "text_reasoning":
      return { type: "reasoning", text: textOf(content["text"]) };
    case "uri":
      return {
        type: "file",
        mediaType: mediaTypeOf(content),
        source: { kind: "url", url: withoutPassword(textOf(content["uri"])) },
      };
    case "hosted_file":
      return {
        type: "file",
        mediaType: mediaTypeOf(content),
        source: { kind: "provider", ids: { agent_framework: textOf(content["file_id"]) } },
      };
    case "error":
      return {
        type: "error",
        code: textOf(content["error_code"]) || "error",
        message: textOf(content["message"]),
      };
    case "function_call":
      return hasCallId(content) ? callOf(content) : opaque(content);
    case "function_result":
      return hasCallId(content) ? resultOf(content) : opaque(content);
    default:
      return opaque(content);
  }
}

function callOf({ call_id: callId, name, arguments: given }: JsonObject): Part {
  const inputText = typeof given === "string" ? given : JSON.stringify(given ?? {});
  const input = parsed(inputText);
  return {
    type: "tool-call",
    callId: textOf(callId),
    name: textOf(name).slice(0, 256),
    inputText,
    ...(input !== undefined && { input }),
  };
}

function resultOf({ call_id: callId, result = null, exception }: JsonObject): Part {
  const isFailed = exception !== undefined && exception !== null;
  return {
    type: "tool-result",
    callId: textOf(callId),
    name: "",
    outcome: isFailed ? "error" : "ok",
    output: isFailed ? { type: "error", text: textOf(exception) } : outputOf(result),
  };
}

function outputOf(result: Json): ToolOutput {
  return typeof result === "string"
    ? { type: "text", text: result }
    : { type: "json", value: result };
}

/** Bytes of a `data:` address. */
function bytesIn(content: JsonObject, at: string, blobs: FoundBlob[]): Part {
  const found = /^data:([^;,]+)(?:;[^;,]+)*;base64,([A-Za-z0-9+/]*={0,2})$/.exec(
    textOf(content["uri"]),
  );
  const [, mediaType = "", base64 = ""] = found ?? [];
  if (found === null) throw wrong(`${at}.uri`, "must be a data: address in base64");
  const bytes = Buffer.from(base64, "base64");
  if (bytes.byteLength > LIMITS.blobBytes)
    throw wrong(`${at}.uri`, `must have at most ${LIMITS.blobBytes} bytes`);
  const info = { sha256: hash("sha256", bytes), sizeBytes: bytes.byteLength };
  blobs.push({ ...info, mediaType, bytes });
  return { type: "file", mediaType, source: { kind: "blob", ...info } };
}

function usageOf({ details, usage_details: newer }: JsonObject): Usage | undefined {
  const counts = isJsonObject(newer) ? newer : details;
  if (!isJsonObject(counts)) return undefined;
  const count = (name: string): number => {
    const value = counts[name];
    return Number.isSafeInteger(value) && Number(value) >= 0 ? Number(value) : 0;
  };
  return { inputTokens: count("input_token_count"), outputTokens: count("output_token_count") };
}

function hasCallId({ call_id: id }: JsonObject): boolean {
  return typeof id === "string" && id !== "" && id.length <= 256 && !/\p{Cc}/u.test(id);
}

function mediaTypeOf({ media_type: given }: JsonObject): string {
  return typeof given === "string" && /^[\w.+-]+\/[\w.+-]+/.test(given)
    ? given.slice(0, 256)
    : "application/octet-stream";
}

function textOf(value: Json | undefined): string {
  if (value === undefined || value === null) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
}

function parsed(text: string): Json | undefined {
  try {
    const value: Json = JSON.parse(text);
    return value;
  } catch {
    return undefined;
  }
}

function wrong(field: string, rule: string): SkeinError {
  return new SkeinError("invalid_request", `${field} ${rule}.`, { field });
}
