import { randomUUID } from "node:crypto";
import { storeClock } from "../engine/clock.ts";
import type { Clock } from "../engine/clock.ts";
import { isSkeinError, SkeinError } from "../model/error.ts";
import type { Json } from "../model/json.ts";
import { DEFAULT_TENANT } from "../model/principal.ts";
import type { Principal } from "../model/principal.ts";
import { checkInput } from "./check-input.ts";
import type { WebhookNetwork } from "./address.ts";
import { DeadLetters } from "./dead-letters.ts";
import type { DeadDelivery } from "./dead-letters.ts";
import { Dispatcher } from "./dispatcher.ts";
import { newProgress, shownEndpoint } from "./endpoint.ts";
import type { Endpoint, EndpointSettings } from "./endpoint.ts";
import { EndpointStore } from "./endpoint-store.ts";
import type { WebhookEngine } from "./endpoint-store.ts";
import { RETRY_DELAYS_MS } from "./retry-delay.ts";
import { newSecret } from "./secret.ts";
import { postedOf, sender } from "./sender.ts";
import { isSameWish, settingsOf } from "./settings-of.ts";
import { shownDelivery, startOf, unreplayed, waitingFor } from "./show-deliveries.ts";
import { messageAt } from "./thread-messages.ts";
import type { Posted, WebhookInput, WebhookMessage, Webhooks } from "./webhook.ts";

/** A new secret replaces the old one so slowly that receivers have time. */
const OLD_SECRET_MS = 86_400_000;
const REPLAYED_AT_ONCE = 100;

/** An endpoint that the configuration names. Its secret is not stored. */
export type ConfiguredWebhook = WebhookInput & { readonly id: string; readonly secret: string };

export interface WebhooksOptions {
  /** With all rights in its tenant. */
  readonly skein: Pick<WebhookEngine, "store"> & {
    as(principal: Partial<Principal>): WebhookEngine;
  };
  /** Whose threads. Default `default`. */
  readonly tenant?: string;
  /** Delivered to by the processes that name them, beside those that were added. */
  readonly endpoints?: readonly ConfiguredWebhook[];
  /** Where webhooks may go. Default `public`: no address that is private, reserved or this machine's. */
  readonly network?: WebhookNetwork;
  /** Milliseconds between tries; with n of them there are n + 1. Default: eight tries in about a day. */
  readonly retryDelaysMs?: readonly number[];
  /** For one try, default 10,000. */
  readonly timeoutMs?: number;
  readonly clock?: Clock;
  /** Hears of faults that no caller waits for. Default: a warning of the process. */
  readonly onError?: (error: unknown) => void;
}

/** Signed webhooks for what happens in a tenant's threads. Delivers nothing until `start`.
 *  @throws SkeinError  `invalid_request` and the like for a configured endpoint that is wrong */
export function createWebhooks(options: WebhooksOptions): Webhooks {
  const { skein, tenant = DEFAULT_TENANT, network = "public", timeoutMs, onError = warn } = options;
  const { store } = skein;
  const { endpoints: configured = [], retryDelaysMs: delaysMs = RETRY_DELAYS_MS } = options;
  const clock = options.clock ?? storeClock(store);
  for (const endpoint of configured) checkInput(endpoint, network);
  const secrets = new Map(configured.map(({ id, secret }) => [id, secret]));
  const engine = skein.as({ tenant: `${tenant}~webhooks` });
  const endpoints = new EndpointStore(engine);
  const dead = new DeadLetters(engine);
  const send = sender({ configured: secrets, clock, network, timeoutMs });
  let dispatcher: Dispatcher | undefined;
  const changed = async (): Promise<void> => dispatcher?.sweep();

  const configure = async ({ id, ...input }: ConfiguredWebhook): Promise<void> => {
    const known = await endpoints.find(id);
    const settings = settingsOf(input, "config", [], known?.settings.createdAt ?? clock());
    if (known === undefined)
      await add(id, settings).catch((error: unknown) => {
        // Another process that names it was quicker.
        if (!isSkeinError(error, "id_conflict")) throw error;
      });
    else if (known.settings.source !== "config")
      throw new SkeinError("id_conflict", `Webhook ${id} was added by a call already.`, {
        field: "webhooks",
      });
    else if (!isSameWish(known.settings, settings))
      await endpoints.update(id, () => ({ settings }));
  };
  const add = async (id: string, settings: EndpointSettings): Promise<Endpoint> =>
    endpoints.add(id, settings, newProgress(await store.feedEnd(tenant), clock()));

  const payloadOf = async (
    id: string,
    { threadId, version, slot }: DeadDelivery,
  ): Promise<WebhookMessage> => {
    const key = { tenant, id: threadId };
    const message = await messageAt({ store, endpointId: id, key }, { version, slot });
    if (message === undefined)
      throw new SkeinError("version_not_found", `The log no longer has version ${version}.`);
    return message;
  };
  const resend = async (endpoint: Endpoint, delivery: DeadDelivery): Promise<Posted> => {
    const posted = await send(endpoint, await payloadOf(endpoint.id, delivery));
    if (posted.isOk) await dead.markReplayed(endpoint, delivery.id, clock());
    return postedOf(posted);
  };
  const stop = async (): Promise<void> => {
    const stopping = dispatcher;
    dispatcher = undefined;
    await stopping?.stop();
  };

  return {
    async add(input) {
      checkInput(input, network);
      const secret = input.secret ?? newSecret();
      const id = input.id ?? `wh_${randomUUID().replaceAll("-", "")}`;
      if (secrets.has(id))
        throw new SkeinError("id_conflict", `The configuration names a webhook ${id}.`);
      const added = await add(id, settingsOf(input, "api", [secret], clock()));
      await changed();
      return { ...shownEndpoint(added), secret: input.secret === undefined ? secret : null };
    },
    list: async () => (await endpoints.list()).map(shownEndpoint),
    get: async (id) => shownEndpoint(await endpoints.get(id)),
    async update(id, { rotateSecret = false, isEnabled, ...change }) {
      checkInput(change, network);
      const made = rotateSecret ? newSecret() : null;
      const updated = await endpoints.update(id, ({ settings }) => {
        if (settings.source === "config")
          throw new SkeinError("forbidden", `Webhook ${id} is changed in the configuration.`);
        return {
          settings: {
            ...settings,
            ...change,
            ...(isEnabled !== undefined && {
              isEnabled,
              disabledReason: isEnabled ? null : ("asked" as const),
            }),
            ...(made !== null && {
              secrets: [made, ...settings.secrets.slice(0, 1)],
              oldSecretUntil: clock() + OLD_SECRET_MS,
            }),
          },
        };
      });
      await changed();
      return { ...shownEndpoint(updated), secret: made };
    },
    async remove(id) {
      const endpoint = await endpoints.get(id);
      if (secrets.has(id))
        throw new SkeinError(
          "forbidden",
          `The configuration names webhook ${id}: remove it there.`,
        );
      await endpoints.remove(id);
      await dead.remove(endpoint);
      await changed();
    },
    async test(id) {
      const endpoint = await endpoints.get(id);
      const body = { type: "webhook.test", timestamp: new Date().toISOString(), data: {} };
      return postedOf(await send(endpoint, { id: `msg_${randomUUID()}`, body }));
    },
    async deliveries(id, page = {}) {
      const endpoint = await endpoints.get(id);
      const listed = await dead.list(endpoint, page);
      // One that was just given up may still be noted as waiting.
      const given = new Set(listed.items.map((one) => one.id));
      const waiting = waitingFor(endpoint).filter((one) => !given.has(one.id));
      const items = page.cursor === undefined ? [...waiting, ...listed.items] : listed.items;
      return { ...listed, items: items.map(shownDelivery) };
    },
    async delivery(id, deliveryId) {
      const endpoint = await endpoints.get(id);
      const waiting = waitingFor(endpoint).find((one) => one.id === deliveryId);
      const delivery = waiting ?? (await dead.get(endpoint, deliveryId));
      const { body } = await payloadOf(id, delivery);
      const payload: Json = body;
      return { ...shownDelivery(delivery), payload };
    },
    async replay(id, deliveryId) {
      const endpoint = await endpoints.get(id);
      return resend(endpoint, await dead.get(endpoint, deliveryId));
    },
    async replayDead(id) {
      const endpoint = await endpoints.get(id);
      const found = await unreplayed(dead, endpoint);
      let [replayed, failed] = [0, 0];
      for (const delivery of found.slice(0, REPLAYED_AT_ONCE)) {
        try {
          if ((await resend(endpoint, delivery)).isOk) replayed += 1;
          else {
            failed += 1;
            break;
          }
        } catch (error) {
          // Nothing is left to send.
          if (!isSkeinError(error, "version_not_found")) throw error;
          failed += 1;
        }
      }
      return { replayed, failed, left: found.length - replayed };
    },
    async replayFrom(id, from) {
      const start = await startOf(from, store, tenant);
      const { delivered, dead: given } = (await endpoints.get(id)).progress;
      const updated = await endpoints.update(id, () => ({
        progress: { ...newProgress(start.cursor, 0), ...start, delivered, dead: given },
      }));
      await changed();
      return shownEndpoint(updated);
    },
    async start() {
      if (dispatcher !== undefined) return;
      for (const endpoint of configured) await configure(endpoint);
      const canDeliver = ({ id, settings }: Endpoint): boolean =>
        settings.source === "api" || secrets.has(id);
      const shared = { store, tenant, endpoints, dead, send, delaysMs, clock, onError };
      dispatcher = new Dispatcher({ ...shared, canDeliver });
      await dispatcher.sweep();
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

function warn(error: unknown): void {
  process.emitWarning(error instanceof Error ? error : String(error), { code: "SKEIN_WEBHOOKS" });
}
