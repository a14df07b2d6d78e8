import { webhookToWire } from "../../../http/native/webhook-to-wire.ts";
import { type Command, command } from "../../command.ts";
import { webhooksFor } from "../../webhooks-for.ts";
import { FILTER_ARGS, filterFrom } from "./filter-args.ts";

export const update: Command = command({
  summary: "Change, enable or disable an endpoint, or replace its secret",
  details:
    "An endpoint that is enabled again goes on where it stood. A secret that is replaced goes on signing for 24 hours.",
  examples: [
    "webhooks update wh_123 --url https://example.org/new",
    "webhooks update wh_123 --no-enabled",
    "webhooks update wh_123 --rotate-secret",
  ],
  args: {
    webhook: { type: "positional", required: true, description: "Id of the endpoint" },
    url: { type: "string", valueHint: "url", description: "Where to send" },
    enabled: { type: "boolean", description: "Deliver to it, or do not (--no-enabled)" },
    "rotate-secret": { type: "boolean", description: "Make a new secret, shown once" },
    ...FILTER_ARGS,
  },
  async run({ args, output, open, settings }) {
    const webhooks = webhooksFor(await open(), await settings(), output);
    const { secret, ...updated } = await webhooks.update(args.webhook, {
      ...(args.url !== undefined && { url: args.url }),
      ...(args.enabled !== undefined && { isEnabled: args.enabled }),
      ...(args["rotate-secret"] === true && { rotateSecret: true }),
      ...filterFrom(args),
    });
    if (output.isJson) output.json(webhookToWire(updated, secret));
    else {
      output.line(updated.id);
      if (secret !== null) output.note(`Secret, shown only now: ${secret}`);
    }
  },
});
