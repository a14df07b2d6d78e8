import type { JsonObject } from "../model/json.ts";
import { isJsonObject } from "../model/json.ts";
import type { WebhookEvent } from "../protocol/webhook-events.ts";
import type { Failure, Webhook, WebhookFilter } from "./webhook.ts";

/** What somebody has decided about an endpoint. */
export interface EndpointSettings extends WebhookFilter {
  readonly url: string;
  readonly description: string;
  readonly source: "api" | "config";
  /** The one that counts, then one that is on its way out. Empty when the configuration has it. */
  readonly secrets: readonly string[];
  /** When the older secret ends; `null`: there is none. */
  readonly oldSecretUntil: number | null;
  readonly isEnabled: boolean;
  readonly disabledReason: "asked" | "gone" | null;
  readonly createdAt: number;
}

/** A thread of which a delivery failed: it goes on from there when that one is taken or given up. The log has what waits. */
export interface Late {
  readonly threadId: string;
  /** The next message to send. */
  readonly version: number;
  readonly slot: 0 | 1;
  /** The last version that is to be caught up on. */
  readonly until: number;
  /** Tries of that message so far. */
  readonly tries: number;
  readonly nextAt: number;
  readonly event: WebhookEvent | null;
  readonly failure: Failure | null;
}

/** How far the deliveries to an endpoint are. */
export interface Progress {
  /** Of the feed of all threads; `null`: at its beginning. */
  readonly cursor: string | null;
  /** No entry behind the cursor is older than this by more than clocks differ: where the store cannot say since when a thread
   *  has changed, this does. */
  readonly seenUntil: number;
  /** What is older is left out, since a replay from then. */
  readonly notBefore: number;
  readonly late: readonly Late[];
  /** Failures since the last success. */
  readonly failures: number;
  readonly pausedUntil: number | null;
  readonly delivered: number;
  readonly dead: number;
  readonly lastSuccessAt: number | null;
  readonly lastFailure: Failure | null;
  /** The deliverer that has written this. */
  readonly owner: string;
}

export interface Endpoint {
  readonly id: string;
  readonly settings: EndpointSettings;
  readonly progress: Progress;
  /** Of the state that it was read from. */
  readonly stateVersion: number;
}

export function newProgress(cursor: string | null, seenUntil: number): Progress {
  return {
    cursor,
    seenUntil,
    notBefore: 0,
    late: [],
    failures: 0,
    pausedUntil: null,
    delivered: 0,
    dead: 0,
    lastSuccessAt: null,
    lastFailure: null,
    owner: "",
  };
}

/** As it stands in a thread's shared state. Each half is one text, so that a change replaces it whole. */
export function endpointToState({
  settings,
  progress,
}: Partial<Pick<Endpoint, "settings" | "progress">>): JsonObject {
  return {
    ...(settings && { settings: JSON.stringify(settings) }),
    ...(progress && { progress: JSON.stringify(progress) }),
  };
}

/** `undefined` for an endpoint that was removed, or never came to be. */
export function endpointFromState(
  id: string,
  { value, version }: { readonly value: JsonObject; readonly version: number },
): Endpoint | undefined {
  const { settings, progress } = value;
  if (typeof settings !== "string" || typeof progress !== "string") return undefined;
  const [parsed, at]: readonly unknown[] = [JSON.parse(settings), JSON.parse(progress)];
  if (!isJsonObject(parsed) || !isJsonObject(at)) return undefined;
  // Written by `endpointToState`, and by nobody else: no caller reaches this tenant.
  return {
    id,
    settings: parsed as unknown as EndpointSettings,
    progress: at as unknown as Progress,
    stateVersion: version,
  };
}

export function shownEndpoint({ id, settings, progress }: Endpoint): Webhook {
  const { secrets: _secrets, oldSecretUntil: _until, ...shown } = settings;
  const { delivered, dead, late, pausedUntil, lastSuccessAt, lastFailure } = progress;
  return {
    id,
    ...shown,
    delivered,
    dead,
    waiting: late.length,
    pausedUntil,
    lastSuccessAt,
    lastFailure,
  };
}
