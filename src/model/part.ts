import type { Json, JsonObject } from "./json.ts";

/** What a message is made of. A part's place in `parts` is its index. */
export type Part =
  | TextPart
  | RefusalPart
  | ReasoningPart
  | FilePart
  | ToolCallPart
  | ToolResultPart
  | DataPart
  | SourcePart
  | ErrorPart
  | MarkerPart
  | OpaquePart;

interface PartBase {
  readonly id?: string;
  /** What the provider wants back unchanged on the next call (signatures, item ids). */
  readonly providerMetadata?: JsonObject;
  /** The original form, kept only where the mapping would lose something. */
  readonly native?: { readonly format: string; readonly value: Json };
}

export interface TextPart extends PartBase {
  readonly type: "text";
  readonly text: string;
  readonly citations?: readonly JsonObject[];
}

export interface RefusalPart extends PartBase {
  readonly type: "refusal";
  readonly text: string;
}

export interface ReasoningPart extends PartBase {
  readonly type: "reasoning";
  readonly text: string;
  readonly isSummary?: boolean;
  readonly opaque?: {
    readonly kind: "signature" | "encrypted" | "redacted";
    readonly data: string;
  };
}

/** Bytes are never inline: they are a blob by sha-256, a URL, or a provider's own file id. */
export type FileSource =
  | { readonly kind: "blob"; readonly sha256: string; readonly sizeBytes: number }
  | { readonly kind: "url"; readonly url: string }
  | { readonly kind: "provider"; readonly ids: Readonly<Record<string, string>> }
  | { readonly kind: "text"; readonly text: string };

export interface FilePart extends PartBase {
  readonly type: "file";
  /** An IANA media type, for example `image/png`. */
  readonly mediaType: string;
  readonly filename?: string;
  readonly source: FileSource;
}

export interface ToolCallPart extends PartBase {
  readonly type: "tool-call";
  /** Unique on the path from the root. */
  readonly callId: string;
  readonly name: string;
  /** The arguments exactly as the model wrote them. */
  readonly inputText: string;
  /** The arguments parsed; absent when `inputText` is not valid JSON. */
  readonly input?: Json;
  readonly executor?: "server" | "client" | "provider";
}

export type ToolOutput =
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "json"; readonly value: Json }
  | { readonly type: "error"; readonly text: string };

export interface ToolResultPart extends PartBase {
  readonly type: "tool-result";
  readonly callId: string;
  readonly name: string;
  readonly outcome: "ok" | "error" | "denied" | "cancelled" | "unknown";
  readonly output: ToolOutput;
}

export interface DataPart extends PartBase {
  readonly type: "data";
  readonly name: string;
  readonly data?: Json;
}

export interface SourcePart extends PartBase {
  readonly type: "source";
  readonly kind: "url" | "document";
  readonly url?: string;
  readonly title?: string;
  readonly mediaType?: string;
  readonly text?: string;
}

export interface ErrorPart extends PartBase {
  readonly type: "error";
  readonly code: string;
  readonly message: string;
  readonly isRetryable?: boolean;
}

export interface MarkerPart extends PartBase {
  readonly type: "marker";
  readonly kind: "step-start" | "compaction" | "steering" | "handoff" | "interrupt";
  readonly payload?: Json;
}

/** A provider block that Skein does not understand, verbatim. */
export interface OpaquePart extends PartBase {
  readonly type: "opaque";
  readonly format: string;
  readonly value: Json;
}

export function text(value: string): TextPart {
  return { type: "text", text: value };
}

/** The text that a person reads: text and refusal parts, joined without separators. */
export function textOf(parts: readonly Part[]): string {
  if (parts.length === 1 && parts[0]?.type === "text") return parts[0].text;
  let joined = "";
  for (const part of parts)
    if (part.type === "text" || part.type === "refusal") joined += part.text;
  return joined;
}

/** Ids of the tool calls in `parts` that expect an answer in the thread. */
export function callIdsOf(parts: readonly Part[]): readonly string[] {
  const ids: string[] = [];
  for (const part of parts)
    if (part.type === "tool-call" && part.executor !== "provider") ids.push(part.callId);
  return ids;
}

/** Ids of the tool calls that `parts` answer. A preliminary result does not exist in the model. */
export function answeredIdsOf(parts: readonly Part[]): readonly string[] {
  const ids: string[] = [];
  for (const part of parts) if (part.type === "tool-result") ids.push(part.callId);
  return ids;
}
