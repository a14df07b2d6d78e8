import { z } from "zod";
import { isJsonObject } from "../../model/json.ts";
import type { Json, JsonObject } from "../../model/json.ts";
import { LIMITS } from "../../model/limits.ts";
import type { Message } from "../../model/message.ts";
import type { Part } from "../../model/part.ts";
import type { BroughtBranch, BroughtMessage, BroughtRun } from "../../model/thread-content.ts";
import type { BranchHead, ThreadProfile, TitleSource } from "../../model/thread.ts";
import type { Cost, Usage } from "../../model/usage.ts";
import type { BlobInfo } from "../../store/blob.ts";

const id = z.string().regex(/^(?!__proto__$)[A-Za-z0-9._:-]{1,128}$/, {
  error: "must be 1 to 128 characters of A-Z a-z 0-9 . _ : -",
});
const line = (most: number): z.ZodType<string> =>
  z
    .string()
    .max(most)
    .refine((value) => value.isWellFormed() && !/\p{Cc}/u.test(value), {
      error: "must be one line of text",
    });
const branchName = z.string().regex(/^(?!\.{1,2}$)[A-Za-z0-9._:~-]{1,128}$/, {
  error: "must be 1 to 128 characters of A-Z a-z 0-9 . _ : ~ -",
});
const json: z.ZodType<Json> = z.custom<Json>((value) => value !== undefined);
const jsonObject: z.ZodType<JsonObject> = z.custom<JsonObject>(isJsonObject, {
  error: "must be a JSON object",
});
const time = z.number().int({ error: "must be a time in ISO 8601, UTC" }).min(0);
const count = z.int().min(0);
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

const usage: z.ZodType<Usage> = z.strictObject({
  inputTokens: count,
  outputTokens: count,
  reasoningTokens: count.exactOptional(),
  cachedInputTokens: count.exactOptional(),
});
const cost: z.ZodType<Cost> = z.strictObject({ nanoDollars: z.int(), unpricedCalls: count });

const base = {
  id: z.string().max(256).exactOptional(),
  providerMetadata: jsonObject.exactOptional(),
  native: z.strictObject({ format: z.string(), value: json }).exactOptional(),
};
const address = z.string().max(65_536);
const toolCallId = line(256).refine((value) => value !== "", { error: "must not be empty" });

const part: z.ZodType<Part> = z.discriminatedUnion("type", [
  z.strictObject({
    ...base,
    type: z.literal("text"),
    text: z.string(),
    citations: z.array(jsonObject).exactOptional(),
  }),
  z.strictObject({ ...base, type: z.literal("refusal"), text: z.string() }),
  z.strictObject({
    ...base,
    type: z.literal("reasoning"),
    text: z.string(),
    isSummary: z.boolean().exactOptional(),
    opaque: z
      .strictObject({ kind: z.enum(["signature", "encrypted", "redacted"]), data: z.string() })
      .exactOptional(),
  }),
  z.strictObject({
    ...base,
    type: z.literal("file"),
    mediaType: line(256),
    filename: line(1_000).exactOptional(),
    source: z.discriminatedUnion("kind", [
      z.strictObject({ kind: z.literal("blob"), sha256, sizeBytes: count.max(LIMITS.blobBytes) }),
      z.strictObject({ kind: z.literal("url"), url: address }),
      z.strictObject({ kind: z.literal("provider"), ids: z.record(line(256), z.string()) }),
      z.strictObject({ kind: z.literal("text"), text: z.string() }),
    ]),
  }),
  z.strictObject({
    ...base,
    type: z.literal("tool-call"),
    callId: toolCallId,
    name: z.string().max(256),
    inputText: z.string(),
    input: json.exactOptional(),
    executor: z.enum(["server", "client", "provider"]).exactOptional(),
  }),
  z.strictObject({
    ...base,
    type: z.literal("tool-result"),
    callId: toolCallId,
    name: z.string().max(256),
    outcome: z.enum(["ok", "error", "denied", "cancelled", "unknown"]),
    output: z.discriminatedUnion("type", [
      z.strictObject({ type: z.literal("text"), text: z.string() }),
      z.strictObject({ type: z.literal("json"), value: json }),
      z.strictObject({ type: z.literal("error"), text: z.string() }),
    ]),
  }),
  z.strictObject({
    ...base,
    type: z.literal("data"),
    name: z.string().max(256),
    data: json.exactOptional(),
  }),
  z.strictObject({
    ...base,
    type: z.literal("source"),
    kind: z.enum(["url", "document"]),
    url: address.exactOptional(),
    title: z.string().exactOptional(),
    mediaType: line(256).exactOptional(),
    text: z.string().exactOptional(),
  }),
  z.strictObject({
    ...base,
    type: z.literal("error"),
    code: z.string(),
    message: z.string(),
    isRetryable: z.boolean().exactOptional(),
  }),
  z.strictObject({
    ...base,
    type: z.literal("marker"),
    kind: z.enum(["step-start", "compaction", "steering", "handoff", "interrupt"]),
    payload: json.exactOptional(),
  }),
  z.strictObject({ ...base, type: z.literal("opaque"), format: z.string(), value: json }),
]);

const message = z.strictObject({
  id,
  parentId: id.nullable(),
  turnId: id.exactOptional(),
  role: z.enum(["system", "developer", "user", "assistant", "tool"]),
  author: z
    .strictObject({
      kind: z.enum(["user", "agent"]),
      id: line(128).refine((value) => value.trim() !== "", { error: "must not be empty" }),
      name: line(256).exactOptional(),
    })
    .exactOptional(),
  status: z.enum(["completed", "incomplete", "failed"]),
  reason: z
    .enum([
      "cancelled",
      "max_tokens",
      "content_filter",
      "requires_action",
      "crashed",
      "error",
    ] satisfies Message["reason"][])
    .exactOptional(),
  parts: z.array(part).max(LIMITS.partsPerMessage),
  runId: id.exactOptional(),
  model: line(256).exactOptional(),
  usage: usage.exactOptional(),
  cost: cost.exactOptional(),
  metadata: jsonObject.exactOptional(),
  composedAt: time.exactOptional(),
  editOf: id.exactOptional(),
  createdAt: time,
  redacted: z.literal(true).exactOptional(),
});

const branch = z.strictObject({
  name: branchName,
  reason: z.enum(["main", "fork", "edit", "cut", "diverged"] satisfies BranchHead["reason"][]),
  of: branchName.exactOptional(),
  createdAt: time,
  messageId: id.nullable(),
});

const run: z.ZodType<BroughtRun> = z.strictObject({
  id,
  agentId: id,
  branch: branchName,
  status: z.enum(["completed", "failed", "cancelled", "incomplete", "expired"]),
  model: line(256).exactOptional(),
  instructions: z.string().exactOptional(),
  metadata: jsonObject.exactOptional(),
  turnId: id.nullable(),
  createdAt: time,
  startedAt: time.exactOptional(),
  endedAt: time.exactOptional(),
  error: z.strictObject({ code: line(256), message: z.string() }).exactOptional(),
  usage,
  cost,
  called: z.strictObject({ usage, cost }).exactOptional(),
  customStatus: json.exactOptional(),
  lastMessageId: id.exactOptional(),
});

const thread = z.strictObject({
  id,
  version: count,
  title: z.string().nullable(),
  titleSource: z.enum(["auto", "human"] satisfies TitleSource[]),
  titleOf: id.exactOptional(),
  agentId: id.nullable(),
  kind: id,
  metadata: jsonObject,
  tags: z.array(z.string()).max(LIMITS.tags),
  state: jsonObject,
  createdAt: time,
  updatedAt: time,
  archivedAt: time.nullable(),
  forkedFrom: z.strictObject({ threadId: id, version: count }).exactOptional(),
});

const blob = z.strictObject({
  sha256,
  sizeBytes: count.max(LIMITS.blobBytes),
  mediaType: line(256),
  base64: z.base64().exactOptional(),
});

/** An export in the model's spelling. */
export interface ReadExport {
  readonly sha256: string;
  readonly storeId: string;
  readonly exportedAt: number;
  readonly thread: ExportedThread;
  readonly messages: readonly Omit<BroughtMessage, "isGivenId">[];
  readonly branches: readonly BroughtBranch[];
  readonly runs: readonly BroughtRun[];
  readonly blobs: readonly (BlobInfo & { readonly base64?: string })[];
}

type ExportedThread = Pick<
  ThreadProfile,
  "id" | "title" | "titleSource" | "titleOf" | "agentId" | "kind" | "metadata" | "tags"
> &
  Pick<ThreadProfile, "createdAt" | "archivedAt"> & {
    readonly version: number;
    readonly state: JsonObject;
  };

export const exportSchema: z.ZodType<ReadExport> = z.strictObject({
  type: z.literal("skein.export"),
  version: z.literal(1),
  sha256,
  storeId: line(256),
  exportedAt: time,
  thread,
  messages: z.array(message).max(LIMITS.messagesPerImport),
  branches: z.array(branch).min(1).max(LIMITS.branches),
  runs: z.array(run).max(LIMITS.messagesPerImport),
  blobs: z.array(blob).max(LIMITS.messagesPerImport),
});
