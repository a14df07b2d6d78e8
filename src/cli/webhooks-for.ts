import type { Skein } from "../agents/skein.ts";
import { SkeinError } from "../model/error.ts";
import { createWebhooks } from "../webhooks/create-webhooks.ts";
import type { Webhooks } from "../webhooks/webhook.ts";
import { failureOf } from "./failure.ts";
import type { Output } from "./output.ts";
import type { Settings } from "./settings.ts";

/** The webhooks of the configuration and of the store; they deliver nothing until they are started.
 *  @throws SkeinError  `forbidden` for a user, `invalid_request` for an endpoint that is wrong or has no secret */
export function webhooksFor(
  skein: Skein,
  { webhooks, webhookNetwork }: Pick<Settings, "webhooks" | "webhookNetwork">,
  output: Output,
): Webhooks {
  const endpoints = webhooks.map(({ secret, ...webhook }) => {
    if (secret === undefined)
      throw new SkeinError(
        "invalid_request",
        `Webhook ${webhook.id} has no secret. Name one in the configuration, or set SKEIN_WEBHOOK_SECRET_<ID>.`,
        { field: "webhooks" },
      );
    return { ...webhook, secret };
  });
  return createWebhooks({
    skein,
    endpoints,
    network: webhookNetwork,
    onError: (error) => output.note(failureOf(error).sentence),
  });
}
