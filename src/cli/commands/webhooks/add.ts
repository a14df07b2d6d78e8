import { webhookToWire } from "../../../http/native/webhook-to-wire.ts";
import { type Command, command } from "../../command.ts";
import { webhooksFor } from "../../webhooks-for.ts";
import { FILTER_ARGS, filterFrom } from "./filter-args.ts";

export const add: Command = command({
  summary: "Add an endpoint; its secret is shown once",
  details:
    "It is told of what happens from now on, by the servers and workers on this store. The secret is what the receiver verifies with.",
  examples: [
    "webhooks add https://example.org/hook",
    "webhooks add https://example.org/hook --events run.completed,run.failed --tags billing",
  ],
  args: {
    url: { type: "positional", required: true, description: "Where to send" },
    id: { type: "string", valueHint: "id", description: "Id of the endpoint" },
    ...FILTER_ARGS,
  },
  async run({ args, output, open, settings }) {
    const webhooks = webhooksFor(await open(), await settings(), output);
    const { secret, ...added } = await webhooks.add({
      url: args.url,
      ...(args.id !== undefined && { id: args.id }),
      ...filterFrom(args),
    });
    if (output.isJson) output.json(webhookToWire(added, secret));
    else {
      output.line(added.id);
      output.note(`Secret, shown only now: ${secret}`);
    }
  },
});
