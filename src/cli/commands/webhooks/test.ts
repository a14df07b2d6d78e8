import { type Command, command } from "../../command.ts";
import type { ExitCode } from "../../exit-code.ts";
import { reportPosted } from "../../report-posted.ts";
import { webhooksFor } from "../../webhooks-for.ts";

export const test: Command = command({
  summary: "Send an endpoint a test, and say what came of it",
  details: "An event of type webhook.test, signed like the others, once.",
  examples: ["webhooks test wh_123"],
  args: { webhook: { type: "positional", required: true, description: "Id of the endpoint" } },
  async run({ args, output, open, settings }): Promise<ExitCode> {
    const webhooks = webhooksFor(await open(), await settings(), output);
    return reportPosted(output, await webhooks.test(args.webhook));
  },
});
