import { z } from "zod";
import type { JsonObject } from "../model/json.ts";
import { LIMITS } from "../model/limits.ts";
import { integerParameter } from "./query.ts";
import { named, wireCount, wireId, wireJsonObject, wireSha256, wireTime } from "./schema.ts";

/** Names a thread of a store. */
export interface WireThreadReference {
  readonly type: "skein.thread";
  readonly version: 1;
  readonly store_id: string;
  readonly thread_id: string;
  readonly thread_version: number;
}

export const wireThreadReference: z.ZodType<WireThreadReference> = named(
  "ThreadReference",
  z.object({
    type: z.literal("skein.thread"),
    version: z.literal(1),
    store_id: z.string(),
    thread_id: wireId,
    thread_version: wireCount,
  }),
);

/** A thread that needs no store. */
export interface WireThreadExport {
  readonly type: "skein.export";
  readonly version: 1;
  /** Of the canonical JSON of all other fields. */
  readonly sha256: string;
  readonly store_id: string;
  readonly exported_at: string;
  readonly thread: JsonObject;
  readonly messages: readonly JsonObject[];
  readonly branches: readonly JsonObject[];
  readonly runs: readonly JsonObject[];
  readonly blobs: readonly {
    readonly sha256: string;
    readonly size_bytes: number;
    readonly media_type: string;
    /** Absent: the file is only named. */
    readonly base64?: string;
  }[];
}

export const wireThreadExport: z.ZodType<WireThreadExport> = named(
  "ThreadExport",
  z.object({
    type: z.literal("skein.export"),
    version: z.literal(1),
    sha256: wireSha256,
    store_id: z.string(),
    exported_at: wireTime,
    thread: wireJsonObject,
    messages: z.array(wireJsonObject),
    branches: z.array(wireJsonObject),
    runs: z.array(wireJsonObject),
    blobs: z.array(
      z.object({
        sha256: wireSha256,
        size_bytes: wireCount,
        media_type: z.string(),
        base64: z.string().exactOptional(),
      }),
    ),
  }),
);

export const exportQuery: z.ZodType<{
  readonly format?: "json" | "jsonl" | "markdown" | "html";
  readonly mode?: "reference" | "full";
  readonly inline_bytes?: number;
  readonly branch?: string;
}> = z.strictObject({
  format: z.enum(["json", "jsonl", "markdown", "html"]).exactOptional(),
  /** Of `json`. */
  mode: z.enum(["reference", "full"]).exactOptional(),
  inline_bytes: integerParameter(0, LIMITS.blobBytes).exactOptional(),
  /** Of `markdown` and `html`; `all`: every branch. */
  branch: z.string().max(LIMITS.branchNameCharacters).exactOptional(),
});

export const importQuery: z.ZodType<{
  readonly thread_id?: string;
  readonly agent_id?: string;
}> = z.strictObject({ thread_id: wireId.exactOptional(), agent_id: wireId.exactOptional() });
