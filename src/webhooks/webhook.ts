import type { Json, JsonObject } from "../model/json.ts";
import type { WebhookEvent } from "../protocol/webhook-events.ts";

/** What an endpoint is told of. An empty list lets everything through. */
export interface WebhookFilter {
  readonly events: readonly WebhookEvent[];
  /** Of `thread.entry`: what happened, as in the log. */
  readonly ops: readonly string[];
  /** The agent of the thread, of a run its own. */
  readonly agents: readonly string[];
  /** Threads that have one of these now. */
  readonly tags: readonly string[];
}

export interface WebhookInput extends Partial<WebhookFilter> {
  /** Chosen by the caller, at most 100 of `[A-Za-z0-9._:-]`; minted when absent. */
  readonly id?: string;
  /** `https:` or `http:`, without user and password. */
  readonly url: string;
  readonly description?: string;
  /** `whsec_` and the base64 of 24 to 64 bytes. Default: made here. */
  readonly secret?: string;
  /** Default true. */
  readonly isEnabled?: boolean;
}

export interface WebhookChange extends Partial<WebhookFilter> {
  readonly url?: string;
  readonly description?: string;
  readonly isEnabled?: boolean;
  /** Makes a new secret. What is sent within the next 24 hours is signed with both. */
  readonly rotateSecret?: boolean;
}

/** An endpoint as it is shown: never with its secret. */
export interface Webhook extends WebhookFilter {
  readonly id: string;
  readonly url: string;
  readonly description: string;
  /** Made by a call, or named in the configuration of the processes that deliver to it. */
  readonly source: "api" | "config";
  readonly isEnabled: boolean;
  /** Why it is not: `gone` when it has answered 410. */
  readonly disabledReason: "asked" | "gone" | null;
  readonly createdAt: number;
  /** Deliveries that it took, and those that were given up, since it was made. */
  readonly delivered: number;
  readonly dead: number;
  /** Threads that wait for it, because a delivery failed. */
  readonly waiting: number;
  /** Too much failed in a row: until then nothing is tried. */
  readonly pausedUntil: number | null;
  readonly lastSuccessAt: number | null;
  readonly lastFailure: Failure | null;
}

export interface Failure {
  readonly at: number;
  /** What it answered; `null`: nothing. */
  readonly status: number | null;
  readonly message: string;
}

/** Something that an endpoint has not taken at once. What went well leaves nothing but a count. */
export interface Delivery {
  /** The `webhook-id` that it is sent with, at every try. */
  readonly id: string;
  readonly event: WebhookEvent;
  readonly threadId: string;
  /** Of the entry that it tells of. */
  readonly version: number;
  /** `waiting` for its next try, `dead` when it was given up, `replayed` when it was taken after that. */
  readonly status: "waiting" | "dead" | "replayed";
  readonly tries: number;
  /** Of a waiting one. */
  readonly nextAt: number | null;
  readonly failure: Failure | null;
}

export interface Posted {
  readonly isOk: boolean;
  readonly status: number | null;
  /** Why not. */
  readonly message: string | null;
  readonly durationMs: number;
}

/** What is sent, before it is signed. */
export interface WebhookMessage {
  /** The same for the same thing and endpoint, however often it is sent. */
  readonly id: string;
  readonly event: WebhookEvent;
  readonly threadId: string;
  readonly version: number;
  /** 0 for the entry itself, 1 for what it says of a run. */
  readonly slot: 0 | 1;
  readonly body: { readonly type: string; readonly timestamp: string; readonly data: JsonObject };
}

/** Where the deliveries are, for a replay: a time, a cursor of the feed of all threads, or `0` for the beginning. */
export type ReplayFrom = { readonly time: number } | { readonly cursor: string };

export interface WithSecret extends Webhook {
  /** Shown once; `null` when it was the caller's own. */
  readonly secret: string | null;
}

/** Manages endpoints and, between `start` and `stop`, delivers to them. For callers with all rights in the tenant. */
export interface Webhooks extends AsyncDisposable {
  add(input: WebhookInput): Promise<WithSecret>;
  list(): Promise<readonly Webhook[]>;
  /** @throws SkeinError  `webhook_not_found`, as all that take an id */
  get(id: string): Promise<Webhook>;
  update(id: string, change: WebhookChange): Promise<WithSecret>;
  /** With all that waits and is dead. The id may be used again. */
  remove(id: string): Promise<void>;
  /** Sends an event of type `webhook.test` at once, without a retry. */
  test(id: string): Promise<Posted>;
  /** Those that wait, then dead ones, newest first.  */
  deliveries(
    id: string,
    page?: { readonly limit?: number; readonly cursor?: string },
  ): Promise<{ readonly items: readonly Delivery[]; readonly nextCursor?: string }>;
  /** One of them, with what is sent. `delivery_not_found` for one that went well. */
  delivery(id: string, deliveryId: string): Promise<Delivery & { readonly payload: Json }>;
  /** Sends a dead one again, once and at once, out of order. */
  replay(id: string, deliveryId: string): Promise<Posted>;
  /** Sends dead ones again, oldest first and at most 100, until one fails. */
  replayDead(
    id: string,
  ): Promise<{ readonly replayed: number; readonly failed: number; readonly left: number }>;
  /** Delivers everything from there on again, with the same ids. */
  replayFrom(id: string, from: ReplayFrom): Promise<Webhook>;
  /** Delivers from now on, beginning with what is due. Of several processes one delivers to an endpoint at a time. */
  start(): Promise<void>;
  /** Lets what is being sent end, notes how far it got, and leaves the rest to other processes. */
  stop(): Promise<void>;
}
