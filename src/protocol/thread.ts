import { z } from "zod";
import type { JsonObject } from "../model/json.ts";
import type { MemberRole } from "../model/principal.ts";
import type { BranchHead, ThreadStatus, TitleSource } from "../model/thread.ts";
import { wireCost, wireUsage } from "./message.ts";
import type { WireCost, WireUsage } from "./message.ts";
import { wireRun } from "./run.ts";
import type { WireRun } from "./run.ts";
import { named, wireCount, wireJsonObject, wireMetadata, wireTime } from "./schema.ts";

/** A thread's header. */
export interface WireThread {
  readonly id: string;
  readonly title: string | null;
  /** `auto`: made of the first words, gives way to any other. */
  readonly title_source: TitleSource;
  readonly agent_id: string | null;
  readonly created_at: string;
  readonly updated_at: string;
  /** Messages on `main` that can be read. */
  readonly message_count: number;
  /** The first 100 characters of the newest user or assistant text. */
  readonly last_message: string | null;
  readonly metadata: JsonObject;
  readonly status: ThreadStatus;
  readonly version: number;
  /** Who owns the thread. */
  readonly user_id: string;
  readonly kind: string;
  readonly tags: readonly string[];
  readonly members: Readonly<Record<string, MemberRole>>;
  readonly active_run_id: string | null;
  /** Messages that ever were on any branch, trimmed ones too. */
  readonly messages_total: number;
  /** Where the log begins, and how many messages of `main` are gone; `null` for a thread that was not trimmed. */
  readonly trimmed: { readonly version: number; readonly messages: number } | null;
  readonly usage: WireUsage;
  readonly cost: WireCost;
  readonly archived_at: string | null;
  readonly deleted_at: string | null;
  /** The name by which its owner finds it. */
  readonly alias?: string;
  /** When its time is over, as of now. */
  readonly expires_at?: string;
  /** Milliseconds from the last change to `expires_at`; absent: it is fixed. */
  readonly sliding_ms?: number;
  /** Erased for good when it expires, instead of deleted. */
  readonly ephemeral?: true;
  /** Nothing of the thread may go as long as it is held. */
  readonly hold?: { readonly reason?: string };
  readonly forked_from: {
    readonly thread_id: string;
    readonly version: number;
    readonly message_id: string | null;
  } | null;
  readonly environment?: JsonObject;
}

export interface WireBranch {
  readonly name: string;
  readonly message_id: string | null;
  /** Messages on the path that can be read. */
  readonly message_count: number;
  /** Messages that were trimmed from its beginning. */
  readonly trimmed: number;
  /** Ids of tool calls on the path that have no result yet. */
  readonly pending_calls: readonly string[];
  readonly reason: BranchHead["reason"];
  readonly of: string | null;
  readonly created_at: string;
}

export interface WireThreadStats {
  readonly thread_id: string;
  readonly created_at: string;
  readonly message_count: number;
  readonly messages_total: number;
  readonly run_count: number;
  readonly last_run: WireRun | null;
  readonly runs_by_status: Readonly<Record<string, number>>;
  readonly metadata: JsonObject;
  readonly usage: WireUsage;
  readonly cost: WireCost;
}

export const wireMemberRole: z.ZodType<MemberRole> = z.enum(["viewer", "editor", "owner"]);

export const threadShape: z.ZodObject = z.object({
  id: z.string(),
  title: z.string().nullable(),
  title_source: z.enum(["auto", "human"]),
  agent_id: z.string().nullable(),
  created_at: wireTime,
  updated_at: wireTime,
  message_count: wireCount,
  last_message: z.string().nullable(),
  metadata: wireMetadata,
  status: z.enum(["idle", "active", "requires_action"]),
  version: wireCount,
  user_id: z.string(),
  kind: z.string(),
  tags: z.array(z.string()),
  members: z.record(z.string(), wireMemberRole),
  active_run_id: z.string().nullable(),
  messages_total: wireCount,
  trimmed: z.object({ version: wireCount, messages: wireCount }).nullable(),
  usage: wireUsage,
  cost: wireCost,
  archived_at: wireTime.nullable(),
  deleted_at: wireTime.nullable(),
  forked_from: z
    .object({
      thread_id: z.string(),
      version: wireCount,
      message_id: z.string().nullable(),
    })
    .nullable(),
  environment: wireJsonObject.exactOptional(),
  alias: z.string().exactOptional(),
  expires_at: wireTime.exactOptional(),
  sliding_ms: wireCount.exactOptional(),
  ephemeral: z.literal(true).exactOptional(),
  hold: z.object({ reason: z.string().exactOptional() }).exactOptional(),
});

export const wireThread: z.ZodType = named("Thread", threadShape);

export const wireBranch: z.ZodType<WireBranch> = named(
  "Branch",
  z.object({
    name: z.string(),
    message_id: z.string().nullable(),
    message_count: wireCount,
    trimmed: wireCount,
    pending_calls: z.array(z.string()),
    reason: z.enum(["main", "fork", "edit", "cut", "diverged"]),
    of: z.string().nullable(),
    created_at: wireTime,
  }),
);

export const wireThreadStats: z.ZodType<WireThreadStats> = named(
  "ThreadStats",
  z.object({
    thread_id: z.string(),
    created_at: wireTime,
    message_count: wireCount,
    messages_total: wireCount,
    run_count: wireCount,
    last_run: wireRun.nullable(),
    runs_by_status: z.record(z.string(), wireCount),
    metadata: wireMetadata,
    usage: wireUsage,
    cost: wireCost,
  }),
);
