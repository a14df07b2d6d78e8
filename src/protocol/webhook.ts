import { z } from "zod";
import type { Json } from "../model/json.ts";
import { named, wireCount, wireJson, wireTime, wireUser } from "./schema.ts";
import { WEBHOOK_EVENTS } from "./webhook-events.ts";
import type { WebhookEvent } from "./webhook-events.ts";

export interface WireWebhookFailure {
  readonly at: string;
  /** What the endpoint answered; `null`: nothing. */
  readonly status: number | null;
  readonly message: string;
}

/** An endpoint that is told of what happens. An empty list lets everything through. */
export interface WireWebhook {
  readonly id: string;
  readonly url: string;
  readonly description: string;
  readonly events: readonly WebhookEvent[];
  readonly ops: readonly string[];
  readonly agents: readonly string[];
  readonly tags: readonly string[];
  readonly source: "api" | "config";
  readonly enabled: boolean;
  readonly disabled_reason: "asked" | "gone" | null;
  readonly created_at: string;
  readonly delivered: number;
  readonly dead: number;
  readonly waiting: number;
  readonly paused_until: string | null;
  readonly last_success_at: string | null;
  readonly last_failure: WireWebhookFailure | null;
  /** Only where it was just made: it is not shown again. */
  readonly secret?: string;
}

export interface WireDelivery {
  readonly id: string;
  readonly event: WebhookEvent;
  readonly thread_id: string;
  readonly version: number;
  readonly status: "waiting" | "dead" | "replayed";
  readonly tries: number;
  readonly next_at: string | null;
  readonly failure: WireWebhookFailure | null;
  /** What is sent; not in lists. */
  readonly payload?: Json;
}

export interface WirePostedWebhook {
  readonly ok: boolean;
  readonly status: number | null;
  readonly message: string | null;
  readonly duration_ms: number;
}

export interface AddWebhookBody {
  readonly id?: string;
  readonly url: string;
  readonly description?: string;
  readonly secret?: string;
  readonly events?: readonly WebhookEvent[];
  readonly ops?: readonly string[];
  readonly agents?: readonly string[];
  readonly tags?: readonly string[];
  readonly enabled?: boolean;
  readonly user_id?: string;
}

export interface UpdateWebhookBody extends Omit<AddWebhookBody, "id" | "url" | "secret"> {
  readonly url?: string;
  /** Makes a new secret; the old one goes on signing for 24 hours. */
  readonly rotate_secret?: boolean;
}

/** `from` is a time, a cursor of the feed of all threads, or `0` for the beginning. */
export interface ReplayWebhookBody {
  readonly from: string;
  readonly user_id?: string;
}

const names: z.ZodType<readonly string[]> = z.array(z.string().min(1).max(128)).max(100);

const wireWebhookEvent: z.ZodType<WebhookEvent> = z.enum(WEBHOOK_EVENTS);

const wireWebhookFailure: z.ZodType<WireWebhookFailure> = named(
  "WebhookFailure",
  z.object({ at: wireTime, status: z.int().nullable(), message: z.string() }),
);

export const wireWebhook: z.ZodType<WireWebhook> = named(
  "Webhook",
  z.object({
    id: z.string(),
    url: z.string(),
    description: z.string(),
    events: z.array(wireWebhookEvent),
    ops: z.array(z.string()),
    agents: z.array(z.string()),
    tags: z.array(z.string()),
    source: z.enum(["api", "config"]),
    enabled: z.boolean(),
    disabled_reason: z.enum(["asked", "gone"]).nullable(),
    created_at: wireTime,
    delivered: wireCount,
    dead: wireCount,
    waiting: wireCount,
    paused_until: wireTime.nullable(),
    last_success_at: wireTime.nullable(),
    last_failure: wireWebhookFailure.nullable(),
    secret: z.string().exactOptional(),
  }),
);

export const wireDelivery: z.ZodType<WireDelivery> = named(
  "WebhookDelivery",
  z.object({
    id: z.string(),
    event: wireWebhookEvent,
    thread_id: z.string(),
    version: wireCount,
    status: z.enum(["waiting", "dead", "replayed"]),
    tries: wireCount,
    next_at: wireTime.nullable(),
    failure: wireWebhookFailure.nullable(),
    payload: wireJson.exactOptional(),
  }),
);

export const wirePostedWebhook: z.ZodType<WirePostedWebhook> = named(
  "PostedWebhook",
  z.object({
    ok: z.boolean(),
    status: z.int().nullable(),
    message: z.string().nullable(),
    duration_ms: wireCount,
  }),
);

export const wireReplayed: z.ZodType = named(
  "ReplayedWebhooks",
  z.object({ replayed: wireCount, failed: wireCount, left: wireCount }),
);

const filterFields = {
  description: z.string().exactOptional(),
  events: z.array(wireWebhookEvent).exactOptional(),
  ops: names.exactOptional(),
  agents: names.exactOptional(),
  tags: names.exactOptional(),
  enabled: z.boolean().exactOptional(),
  user_id: wireUser.exactOptional(),
};

export const addWebhookBody: z.ZodType<AddWebhookBody> = named(
  "AddWebhook",
  z.strictObject({
    ...filterFields,
    id: z.string().exactOptional(),
    url: z.string(),
    secret: z.string().exactOptional(),
  }),
);

export const updateWebhookBody: z.ZodType<UpdateWebhookBody> = named(
  "UpdateWebhook",
  z.strictObject({
    ...filterFields,
    url: z.string().exactOptional(),
    rotate_secret: z.boolean().exactOptional(),
  }),
);

export const replayWebhookBody: z.ZodType<ReplayWebhookBody> = named(
  "ReplayWebhook",
  z.strictObject({ from: z.string().min(1).max(2_048), user_id: wireUser.exactOptional() }),
);
