import { type Command, command } from "../../command.ts";
import { webhooksFor } from "../../webhooks-for.ts";

export const remove: Command = command({
  summary: "Remove an endpoint with all that waits for it",
  examples: ["webhooks remove wh_123"],
  args: { webhook: { type: "positional", required: true, description: "Id of the endpoint" } },
  async run({ args, output, open, settings }) {
    await webhooksFor(await open(), await settings(), output).remove(args.webhook);
    if (output.isJson) output.json({ id: args.webhook, removed: true });
    else output.note(`Removed ${args.webhook}.`);
  },
});
