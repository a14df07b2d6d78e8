import { isSkeinError, SkeinError } from "../model/error.ts";
import type { JsonObject } from "../model/json.ts";
import type { Message } from "../model/message.ts";
import type { Endpoint } from "./endpoint.ts";
import type { WebhookEngine } from "./endpoint-store.ts";
import { WEBHOOK_EVENTS } from "../protocol/webhook-events.ts";
import type { Delivery, Failure, WebhookMessage } from "./webhook.ts";

const KEPT = 1_000;
const SLACK = 100;

export interface DeadDelivery extends Delivery {
  readonly slot: 0 | 1;
}

/** Deliveries that were given up: the messages of a thread beside the endpoint's. The newest 1,000 are kept. */
export class DeadLetters {
  readonly #engine: WebhookEngine;

  constructor(engine: WebhookEngine) {
    this.#engine = engine;
  }

  /** The same one a second time stays as it is. */
  async add(
    endpoint: Pick<Endpoint, "id" | "settings">,
    message: WebhookMessage,
    tries: number,
    failure: Failure,
  ): Promise<void> {
    const thread = threadOf(endpoint);
    const { id, event, threadId, version, slot } = message;
    const metadata = { event, threadId, version, slot, tries, failure: { ...failure } };
    const messages = [{ id, content: failure.message, metadata }];
    try {
      const { thread: kept } = await this.#engine.append(thread, { messages });
      if (kept.messageCount > KEPT + SLACK) await this.#engine.trim(thread, { keepLast: KEPT });
    } catch (error) {
      if (isSkeinError(error, "id_conflict")) return;
      if (!isSkeinError(error, "thread_not_found")) throw error;
      await this.#engine.create({ id: thread, kind: "webhook-dead", messages });
    }
  }

  /** Newest first. */
  async list(
    endpoint: Endpoint,
    page: { readonly limit?: number; readonly cursor?: string },
  ): Promise<{ readonly items: readonly DeadDelivery[]; readonly nextCursor?: string }> {
    const { limit = 50, cursor: before } = page;
    try {
      const { messages, hasOlder } = await this.#engine.messages(threadOf(endpoint), {
        limit,
        order: "desc",
        ...(before !== undefined && { before }),
      });
      const last = messages.at(-1)?.id;
      return {
        items: messages.map(deliveryOf),
        ...(hasOlder && last !== undefined && { nextCursor: last }),
      };
    } catch (error) {
      if (isSkeinError(error, "thread_not_found")) return { items: [] };
      throw error;
    }
  }

  /** @throws SkeinError  `delivery_not_found` */
  async get(endpoint: Endpoint, id: string): Promise<DeadDelivery> {
    try {
      const message = await this.#engine.message(threadOf(endpoint), id);
      return deliveryOf(message);
    } catch (error) {
      if (isSkeinError(error, "thread_not_found") || isSkeinError(error, "message_not_found"))
        throw new SkeinError("delivery_not_found", `No delivery ${id} waits or is dead.`);
      throw error;
    }
  }

  async markReplayed(endpoint: Endpoint, id: string, at: number): Promise<void> {
    await this.#engine.annotate(threadOf(endpoint), id, { replayedAt: at });
  }

  async remove(endpoint: Endpoint): Promise<void> {
    try {
      await this.#engine.delete(threadOf(endpoint), { purge: true });
    } catch (error) {
      if (!isSkeinError(error, "thread_not_found")) throw error;
    }
  }
}

// An id may be used again, and a purged thread's may not.
function threadOf({ id, settings }: Pick<Endpoint, "id" | "settings">): string {
  return `${id}:dead:${settings.createdAt}`;
}

function deliveryOf({ id, metadata }: Message): DeadDelivery {
  const { event, threadId, version, slot, tries, failure, replayedAt } = metadata ?? {};
  return {
    id,
    event: WEBHOOK_EVENTS.find((name) => name === event) ?? "thread.entry",
    threadId: typeof threadId === "string" ? threadId : "",
    version: Number(version),
    slot: slot === 1 ? 1 : 0,
    status: replayedAt === undefined ? "dead" : "replayed",
    tries: Number(tries),
    nextAt: null,
    failure: failureOf(failure),
  };
}

function failureOf(value: JsonObject[string] | undefined): Failure | null {
  if (typeof value !== "object" || value === null || !("message" in value)) return null;
  const { at, status, message } = value;
  return {
    at: Number(at),
    status: typeof status === "number" ? status : null,
    message: typeof message === "string" ? message : "",
  };
}
