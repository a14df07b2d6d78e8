import { z } from "zod";
import type { JsonObject } from "../model/json.ts";
import type { MessageReason, MessageStatus, Role } from "../model/message.ts";
import { wirePart } from "./part.ts";
import type { WirePart } from "./part.ts";
import { named, wireCount, wireMetadata, wireTime } from "./schema.ts";

export interface WireUsage {
  readonly input_tokens: number;
  readonly output_tokens: number;
  readonly reasoning_tokens?: number;
  readonly cached_input_tokens?: number;
}

export interface WireCost {
  readonly nano_dollars: number;
  /** The same in US dollars as an exact decimal; `null` when no call had a known price. */
  readonly usd: string | null;
  /** Calls that are in no figure, because their price is not known. */
  readonly unpriced_calls: number;
}

export interface WireAuthor {
  readonly kind: "user" | "agent";
  readonly id: string;
  readonly name?: string;
}

export interface WireMessage {
  readonly id: string;
  readonly thread_id: string;
  readonly parent_id: string | null;
  readonly turn_id: string;
  readonly role: Role;
  readonly author: WireAuthor | null;
  readonly status: MessageStatus;
  readonly reason: MessageReason | null;
  /** The text that a person reads. */
  readonly content: string;
  readonly parts: readonly WirePart[];
  readonly run_id: string | null;
  readonly step_id?: string;
  readonly model: string | null;
  readonly usage: WireUsage | null;
  readonly cost: WireCost | null;
  readonly metadata: JsonObject;
  /** 0 for the first message of a path; `null` while queued. */
  readonly depth: number | null;
  /** Version of the thread at which the message took its place, or was queued. */
  readonly version: number;
  readonly created_at: string;
  /** By the author's clock, for display. */
  readonly composed_at?: string;
  readonly edit_of?: string;
  readonly redacted: boolean;
}

export const wireRole: z.ZodType<Role> = z.enum([
  "system",
  "developer",
  "user",
  "assistant",
  "tool",
]);

export const wireUsage: z.ZodType<WireUsage> = named(
  "Usage",
  z.object({
    input_tokens: wireCount,
    output_tokens: wireCount,
    reasoning_tokens: wireCount.exactOptional(),
    cached_input_tokens: wireCount.exactOptional(),
  }),
);

export const wireCost: z.ZodType<WireCost> = named(
  "Cost",
  z.object({
    nano_dollars: z.int(),
    usd: z.string().nullable(),
    unpriced_calls: wireCount,
  }),
);

export const wireMessage: z.ZodType<WireMessage> = named(
  "Message",
  z.object({
    id: z.string(),
    thread_id: z.string(),
    parent_id: z.string().nullable(),
    turn_id: z.string(),
    role: wireRole,
    author: z
      .object({
        kind: z.enum(["user", "agent"]),
        id: z.string(),
        name: z.string().exactOptional(),
      })
      .nullable(),
    status: z.enum(["queued", "in_progress", "completed", "incomplete", "failed"]),
    reason: z
      .enum(["cancelled", "max_tokens", "content_filter", "requires_action", "crashed", "error"])
      .nullable(),
    content: z.string(),
    parts: z.array(wirePart),
    run_id: z.string().nullable(),
    step_id: z.string().exactOptional(),
    model: z.string().nullable(),
    usage: wireUsage.nullable(),
    cost: wireCost.nullable(),
    metadata: wireMetadata,
    depth: wireCount.nullable(),
    version: wireCount,
    created_at: wireTime,
    composed_at: wireTime.exactOptional(),
    edit_of: z.string().exactOptional(),
    redacted: z.boolean(),
  }),
);
