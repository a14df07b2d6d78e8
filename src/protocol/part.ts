import { z } from "zod";
import type { Json, JsonObject } from "../model/json.ts";
import { LIMITS } from "../model/limits.ts";
import { named, wireJson, wireJsonObject, wireSha256 } from "./schema.ts";

interface WirePartBase {
  readonly id?: string;
  readonly provider_metadata?: JsonObject;
  readonly native?: { readonly format: string; readonly value: Json };
}

export type WireFileSource =
  | { readonly kind: "blob"; readonly sha256: string; readonly size_bytes: number }
  | { readonly kind: "url"; readonly url: string }
  | { readonly kind: "provider"; readonly ids: Readonly<Record<string, string>> }
  | { readonly kind: "text"; readonly text: string };

/** In a request the size of a blob may be left out: the server knows it, and takes its own in any case. */
export type GivenFileSource =
  | Exclude<WireFileSource, { readonly kind: "blob" }>
  | { readonly kind: "blob"; readonly sha256: string; readonly size_bytes?: number };

export type WireToolOutput =
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "json"; readonly value: Json }
  | { readonly type: "error"; readonly text: string };

export type WireMarkerKind = "step_start" | "compaction" | "steering" | "handoff" | "interrupt";

/** A message's part on the native wire. JSON inside (tool input and output, data, provider metadata) keeps its keys. */
export type WirePart = WirePartBase &
  (
    | {
        readonly type: "text";
        readonly text: string;
        readonly citations?: readonly JsonObject[];
      }
    | { readonly type: "refusal"; readonly text: string }
    | {
        readonly type: "reasoning";
        readonly text: string;
        readonly is_summary?: boolean;
        readonly opaque?: {
          readonly kind: "signature" | "encrypted" | "redacted";
          readonly data: string;
        };
      }
    | {
        readonly type: "file";
        readonly media_type: string;
        readonly filename?: string;
        readonly source: WireFileSource;
      }
    | {
        readonly type: "tool_call";
        readonly call_id: string;
        readonly name: string;
        readonly input_text: string;
        readonly input?: Json;
        readonly executor?: "server" | "client" | "provider";
      }
    | {
        readonly type: "tool_result";
        readonly call_id: string;
        /** Empty where Skein itself closed a call that nobody had answered. */
        readonly name: string;
        readonly outcome: "ok" | "error" | "denied" | "cancelled" | "unknown";
        readonly output: WireToolOutput;
      }
    | { readonly type: "data"; readonly name: string; readonly data?: Json }
    | {
        readonly type: "source";
        readonly kind: "url" | "document";
        readonly url?: string;
        readonly title?: string;
        readonly media_type?: string;
        readonly text?: string;
      }
    | {
        readonly type: "error";
        readonly code: string;
        readonly message: string;
        readonly is_retryable?: boolean;
      }
    | { readonly type: "marker"; readonly kind: WireMarkerKind; readonly payload?: Json }
    | { readonly type: "opaque"; readonly format: string; readonly value: Json }
  );

const base = {
  id: z.string().max(256).exactOptional(),
  provider_metadata: wireJsonObject.exactOptional(),
  native: z.strictObject({ format: z.string(), value: wireJson }).exactOptional(),
};

const webUrl = z
  .string()
  .refine((value) => /^https?:\/\//i.test(value) && URL.canParse(value), {
    error: "must be an http or https URL",
  })
  .meta({ format: "uri" });

const blobSize = z.int().min(0).max(LIMITS.blobBytes);

const otherSources = [
  z.strictObject({ kind: z.literal("url"), url: webUrl }),
  z.strictObject({
    kind: z.literal("provider"),
    ids: z.record(
      z.string().regex(/^[A-Za-z0-9._-]{1,64}$/, {
        error: "must have a name of 1 to 64 characters of A-Z a-z 0-9 . _ -",
      }),
      z.string(),
    ),
  }),
  z.strictObject({ kind: z.literal("text"), text: z.string() }),
] as const;

const fileSource: z.ZodType<WireFileSource> = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("blob"), sha256: wireSha256, size_bytes: blobSize }),
  ...otherSources,
]);

const givenFileSource: z.ZodType<GivenFileSource> = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("blob"),
    sha256: wireSha256,
    size_bytes: blobSize.exactOptional(),
  }),
  ...otherSources,
]);

const toolOutput: z.ZodType<WireToolOutput> = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("text"), text: z.string() }),
  z.strictObject({ type: z.literal("json"), value: wireJson }),
  z.strictObject({ type: z.literal("error"), text: z.string() }),
]);

const filePart = {
  ...base,
  type: z.literal("file"),
  media_type: z
    .string()
    .max(256)
    .regex(/^[\w.+-]+\/[\w.+-]+(?:\s*;.*)?$/, { error: "must be a media type, as image/png" }),
  filename: z.string().max(1_000).exactOptional(),
};

const toolResult = {
  ...base,
  type: z.literal("tool_result"),
  call_id: z.string().min(1).max(256),
  outcome: z.enum(["ok", "error", "denied", "cancelled", "unknown"]),
  output: toolOutput,
};

const otherParts = [
  z.strictObject({
    ...base,
    type: z.literal("text"),
    text: z.string(),
    citations: z.array(wireJsonObject).exactOptional(),
  }),
  z.strictObject({ ...base, type: z.literal("refusal"), text: z.string() }),
  z.strictObject({
    ...base,
    type: z.literal("reasoning"),
    text: z.string(),
    is_summary: z.boolean().exactOptional(),
    opaque: z
      .strictObject({ kind: z.enum(["signature", "encrypted", "redacted"]), data: z.string() })
      .exactOptional(),
  }),
  z.strictObject({
    ...base,
    type: z.literal("tool_call"),
    call_id: z.string().min(1).max(256),
    name: z.string().min(1).max(256),
    input_text: z.string(),
    input: wireJson.exactOptional(),
    executor: z.enum(["server", "client", "provider"]).exactOptional(),
  }),
  z.strictObject({
    ...base,
    type: z.literal("data"),
    name: z.string().min(1).max(256),
    data: wireJson.exactOptional(),
  }),
  z.strictObject({
    ...base,
    type: z.literal("source"),
    kind: z.enum(["url", "document"]),
    url: webUrl.exactOptional(),
    title: z.string().exactOptional(),
    media_type: z.string().max(256).exactOptional(),
    text: z.string().exactOptional(),
  }),
  z.strictObject({
    ...base,
    type: z.literal("error"),
    code: z.string(),
    message: z.string(),
    is_retryable: z.boolean().exactOptional(),
  }),
  z.strictObject({
    ...base,
    type: z.literal("marker"),
    kind: z.enum(["step_start", "compaction", "steering", "handoff", "interrupt"]),
    payload: wireJson.exactOptional(),
  }),
  z.strictObject({
    ...base,
    type: z.literal("opaque"),
    format: z.string().min(1).max(256),
    value: wireJson,
  }),
] as const;

export const wirePart: z.ZodType<WirePart> = named(
  "Part",
  z.discriminatedUnion("type", [
    ...otherParts,
    z.strictObject({ ...toolResult, name: z.string().max(256) }),
    z.strictObject({ ...filePart, source: fileSource }),
  ]),
);

/** A part as a caller gives it. */
export type GivenPart =
  | Exclude<WirePart, { readonly type: "file" }>
  | (Omit<Extract<WirePart, { readonly type: "file" }>, "source"> & {
      readonly source: GivenFileSource;
    });

const givenPart: z.ZodType<GivenPart> = named(
  "GivenPart",
  z.discriminatedUnion("type", [
    ...otherParts,
    z.strictObject({ ...toolResult, name: z.string().min(1).max(256) }),
    z.strictObject({ ...filePart, source: givenFileSource }),
  ]),
);

/** What a caller says: plain text, or parts. */
export type WireContent = string | readonly GivenPart[];

const CONTENT_RULE = `must be a text of at least 1 character or a list of 1 to ${LIMITS.partsPerMessage} parts`;

export const wireContent: z.ZodType<WireContent> = named(
  "Content",
  z.union(
    [
      z.string().min(1, { error: CONTENT_RULE }),
      z
        .array(givenPart)
        .min(1, { error: CONTENT_RULE })
        .max(LIMITS.partsPerMessage, { error: CONTENT_RULE }),
    ],
    { error: CONTENT_RULE },
  ),
);
