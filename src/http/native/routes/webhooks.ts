import { z } from "zod";
import { SkeinError } from "../../../model/error.ts";
import { cursorParameter, limitParameter, noParameters } from "../../../protocol/query.ts";
import {
  addWebhookBody,
  replayWebhookBody,
  updateWebhookBody,
  wireDelivery,
  wirePostedWebhook,
  wireReplayed,
  wireWebhook,
} from "../../../protocol/webhook.ts";
import type { AddWebhookBody, UpdateWebhookBody } from "../../../protocol/webhook.ts";
import { writeBody } from "../../../protocol/write-body.ts";
import { replayFromText } from "../../../webhooks/replay-from-text.ts";
import type { WebhookChange, Webhooks } from "../../../webhooks/webhook.ts";
import type { Call } from "../call.ts";
import { json, nextLink, noContent } from "../respond.ts";
import { route } from "../route.ts";
import type { Route } from "../route.ts";
import { deliveryToWire, postedToWire, webhookToWire } from "../webhook-to-wire.ts";

const shared = { tag: "webhooks", query: noParameters } as const;
const unknown = { errors: ["webhook_not_found", "unsupported_capability"] } as const;
const empty = { body: writeBody, isBodyOptional: true } as const;

export const webhookRoutes: readonly Route[] = [
  route({
    ...shared,
    method: "GET",
    path: "/webhooks",
    id: "listWebhooks",
    summary: "The endpoints that are told of what happens. Webhooks are for keys with all rights",
    status: 200,
    answer: z.array(wireWebhook),
    errors: ["unsupported_capability"],
    body: null,
    handle: async (call) => json((await webhooksFor(call).list()).map((it) => webhookToWire(it))),
  }),
  route({
    ...shared,
    method: "POST",
    path: "/webhooks",
    id: "addWebhook",
    summary: "Adds an endpoint. Its secret is shown in this answer only",
    status: 201,
    answer: wireWebhook,
    errors: ["id_conflict", "limit_exceeded", "unsupported_capability"],
    body: addWebhookBody,
    handle: async (call) => {
      const { id, url, secret } = call.body;
      const added = await webhooksFor(call).add({
        ...changeFromWire(call.body),
        url,
        ...(id !== undefined && { id }),
        ...(secret !== undefined && { secret }),
      });
      return json(webhookToWire(added, added.secret), 201);
    },
  }),
  route({
    ...shared,
    ...unknown,
    method: "GET",
    path: "/webhooks/{webhook_id}",
    id: "getWebhook",
    summary: "One endpoint",
    status: 200,
    answer: wireWebhook,
    body: null,
    handle: async (call) =>
      json(webhookToWire(await webhooksFor(call).get(call.params.webhook_id))),
  }),
  route({
    ...shared,
    ...unknown,
    method: "PATCH",
    path: "/webhooks/{webhook_id}",
    id: "updateWebhook",
    summary: "Changes an endpoint, enables or disables it, or replaces its secret",
    status: 200,
    answer: wireWebhook,
    body: updateWebhookBody,
    handle: async (call) => {
      const { rotate_secret: rotateSecret } = call.body;
      const updated = await webhooksFor(call).update(call.params.webhook_id, {
        ...changeFromWire(call.body),
        ...(rotateSecret !== undefined && { rotateSecret }),
      });
      return json(webhookToWire(updated, updated.secret));
    },
  }),
  route({
    ...shared,
    ...unknown,
    method: "DELETE",
    path: "/webhooks/{webhook_id}",
    id: "removeWebhook",
    summary: "Removes an endpoint with all that waits for it",
    status: 204,
    body: null,
    handle: async (call) => {
      await webhooksFor(call).remove(call.params.webhook_id);
      return noContent();
    },
  }),
  route({
    ...shared,
    ...unknown,
    ...empty,
    method: "POST",
    path: "/webhooks/{webhook_id}/test",
    id: "testWebhook",
    summary: "Sends an event `webhook.test` at once, and says what came of it",
    status: 200,
    answer: wirePostedWebhook,
    handle: async (call) =>
      json(postedToWire(await webhooksFor(call).test(call.params.webhook_id))),
  }),
  route({
    ...shared,
    method: "POST",
    path: "/webhooks/{webhook_id}/replay",
    id: "replayWebhook",
    summary:
      "Delivers everything again from a time, from a cursor of `GET /events`, or from `0`, the beginning; under the same ids",
    status: 200,
    answer: wireWebhook,
    errors: ["webhook_not_found", "unsupported_capability", "invalid_cursor"],
    body: replayWebhookBody,
    handle: async (call) => {
      const from = replayFromText(call.body.from);
      return json(webhookToWire(await webhooksFor(call).replayFrom(call.params.webhook_id, from)));
    },
  }),
  route({
    ...shared,
    ...unknown,
    method: "GET",
    path: "/webhooks/{webhook_id}/deliveries",
    id: "listDeliveries",
    summary: "Deliveries that failed: those that are tried again, then dead ones, newest first",
    status: 200,
    answer: z.array(wireDelivery),
    query: z.strictObject({
      limit: limitParameter.exactOptional(),
      cursor: cursorParameter.exactOptional(),
    }),
    body: null,
    handle: async (call) => {
      const { params, query, request } = call;
      const page = await webhooksFor(call).deliveries(params.webhook_id, query);
      const items = page.items.map((one) => deliveryToWire(one));
      return json(items, 200, nextLink(request.url, page.nextCursor));
    },
  }),
  route({
    ...shared,
    ...empty,
    method: "POST",
    path: "/webhooks/{webhook_id}/deliveries/replay",
    id: "replayDeadDeliveries",
    summary: "Sends dead deliveries again, oldest first and at most 100, until one fails",
    status: 200,
    answer: wireReplayed,
    errors: ["webhook_not_found", "unsupported_capability"],
    handle: async (call) => json(await webhooksFor(call).replayDead(call.params.webhook_id)),
  }),
  route({
    ...shared,
    method: "GET",
    path: "/webhooks/{webhook_id}/deliveries/{delivery_id}",
    id: "getDelivery",
    summary: "A delivery that failed, with what is sent",
    status: 200,
    answer: wireDelivery,
    errors: [
      "webhook_not_found",
      "delivery_not_found",
      "version_not_found",
      "unsupported_capability",
    ],
    body: null,
    handle: async (call) => {
      const { webhook_id: id, delivery_id: deliveryId } = call.params;
      const { payload, ...delivery } = await webhooksFor(call).delivery(id, deliveryId);
      return json(deliveryToWire(delivery, payload));
    },
  }),
  route({
    ...shared,
    ...empty,
    method: "POST",
    path: "/webhooks/{webhook_id}/deliveries/{delivery_id}/replay",
    id: "replayDelivery",
    summary: "Sends a dead delivery again, once and at once, and says what came of it",
    status: 200,
    answer: wirePostedWebhook,
    errors: [
      "webhook_not_found",
      "delivery_not_found",
      "version_not_found",
      "unsupported_capability",
    ],
    handle: async (call) => {
      const { webhook_id: id, delivery_id: deliveryId } = call.params;
      return json(postedToWire(await webhooksFor(call).replay(id, deliveryId)));
    },
  }),
];

/** What is sent has content of everybody's threads. */
function webhooksFor({
  services,
  caller,
  reading,
}: Pick<Call<string, unknown, unknown>, "services" | "caller" | "reading">): Webhooks {
  if (caller.user !== null || reading.userId !== undefined)
    throw new SkeinError("forbidden", "Webhooks are for keys with all rights, acting for nobody.");
  if (services.webhooks === undefined)
    throw new SkeinError("unsupported_capability", "This server has no webhooks.");
  return services.webhooks;
}

function changeFromWire({
  url,
  description,
  events,
  ops,
  agents,
  tags,
  enabled: isEnabled,
}: UpdateWebhookBody | AddWebhookBody): WebhookChange {
  return {
    ...(url !== undefined && { url }),
    ...(description !== undefined && { description }),
    ...(events !== undefined && { events }),
    ...(ops !== undefined && { ops }),
    ...(agents !== undefined && { agents }),
    ...(tags !== undefined && { tags }),
    ...(isEnabled !== undefined && { isEnabled }),
  };
}
