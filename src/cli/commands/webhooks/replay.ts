import { webhookToWire } from "../../../http/native/webhook-to-wire.ts";
import { replayFromText } from "../../../webhooks/replay-from-text.ts";
import { usageError } from "../../arguments.ts";
import { type Command, command } from "../../command.ts";
import { EXIT } from "../../exit-code.ts";
import type { ExitCode } from "../../exit-code.ts";
import { reportPosted } from "../../report-posted.ts";
import { webhooksFor } from "../../webhooks-for.ts";

export const replay: Command = command({
  summary: "Send again: a dead delivery, all dead ones, or everything from a time",
  details:
    "Everything keeps its webhook-id, so that a receiver knows what it has seen. Dead ones are sent by this command, at most 100 and until one fails; everything from a time by the servers and workers.",
  examples: [
    "webhooks replay wh_123 msg_456",
    "webhooks replay wh_123 --dead",
    "webhooks replay wh_123 --from 2026-11-20T18:00:00Z",
  ],
  args: {
    webhook: { type: "positional", required: true, description: "Id of the endpoint" },
    delivery: { type: "positional", required: false, description: "Id of a dead delivery" },
    dead: { type: "boolean", description: "All dead ones, oldest first" },
    from: {
      type: "string",
      valueHint: "time | cursor | 0",
      description: "Everything from then, from a cursor of the feed, or from the beginning",
    },
  },
  async run({ args, output, open, settings }): Promise<ExitCode> {
    const { webhook, delivery, dead = false, from } = args;
    const wishes = [delivery !== undefined, dead, from !== undefined].filter(Boolean);
    if (wishes.length !== 1)
      throw usageError("Give one of: the id of a delivery, --dead, --from.", "delivery");
    const webhooks = webhooksFor(await open(), await settings(), output);
    if (delivery !== undefined)
      return reportPosted(output, await webhooks.replay(webhook, delivery));
    if (from !== undefined) {
      const set = await webhooks.replayFrom(webhook, replayFromText(from));
      if (output.isJson) output.json(webhookToWire(set));
      else output.note(`Everything from ${from} is delivered again.`);
      return EXIT.ok;
    }
    const counts = await webhooks.replayDead(webhook);
    if (output.isJson) output.json(counts);
    else output.line(`${counts.replayed} taken, ${counts.failed} failed, ${counts.left} left`);
    return counts.failed === 0 ? EXIT.ok : EXIT.unavailable;
  },
});
