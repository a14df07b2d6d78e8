import type { Json } from "../../model/json.ts";
import type {
  WireDelivery,
  WirePostedWebhook,
  WireWebhook,
  WireWebhookFailure,
} from "../../protocol/webhook.ts";
import type { Delivery, Failure, Posted, Webhook } from "../../webhooks/webhook.ts";
import { timeToWire } from "./figures-to-wire.ts";

export function webhookToWire(webhook: Webhook, secret: string | null = null): WireWebhook {
  const { isEnabled, disabledReason, createdAt, pausedUntil, lastSuccessAt, lastFailure } = webhook;
  const { id, url, description, events, ops, agents, tags, source } = webhook;
  return {
    id,
    url,
    description,
    events,
    ops,
    agents,
    tags,
    source,
    enabled: isEnabled,
    disabled_reason: disabledReason,
    created_at: timeToWire(createdAt),
    delivered: webhook.delivered,
    dead: webhook.dead,
    waiting: webhook.waiting,
    paused_until: timeOrNull(pausedUntil),
    last_success_at: timeOrNull(lastSuccessAt),
    last_failure: failureToWire(lastFailure),
    ...(secret !== null && { secret }),
  };
}

export function deliveryToWire(delivery: Delivery, payload?: Json): WireDelivery {
  const { id, event, threadId, version, status, tries, nextAt, failure } = delivery;
  return {
    id,
    event,
    thread_id: threadId,
    version,
    status,
    tries,
    next_at: timeOrNull(nextAt),
    failure: failureToWire(failure),
    ...(payload !== undefined && { payload }),
  };
}

export function postedToWire({ isOk, status, message, durationMs }: Posted): WirePostedWebhook {
  return { ok: isOk, status, message, duration_ms: durationMs };
}

function failureToWire(failure: Failure | null): WireWebhookFailure | null {
  return failure && { ...failure, at: timeToWire(failure.at) };
}

function timeOrNull(time: number | null): string | null {
  return time === null ? null : timeToWire(time);
}
