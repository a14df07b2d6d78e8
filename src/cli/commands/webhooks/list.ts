import { webhookToWire } from "../../../http/native/webhook-to-wire.ts";
import type { Webhook } from "../../../webhooks/webhook.ts";
import { type Command, command } from "../../command.ts";
import { time } from "../../format/figures.ts";
import { oneLine } from "../../format/printable.ts";
import { table } from "../../format/table.ts";
import { webhooksFor } from "../../webhooks-for.ts";

export const list: Command = command({
  summary: "List the endpoints and how they are doing",
  examples: ["webhooks list", "webhooks list --json"],
  args: {},
  async run({ output, open, settings }) {
    const found = await webhooksFor(await open(), await settings(), output).list();
    if (output.isJson) for (const webhook of found) output.json(webhookToWire(webhook));
    else for (const line of table(found.map(webhookRow), output.columns)) output.line(line);
    if (found.length === 0 && !output.isJson) output.note("No webhooks.");
  },
});

function webhookRow(webhook: Webhook): readonly string[] {
  const { id, url, delivered, dead, waiting } = webhook;
  return [
    id,
    stateOf(webhook),
    `${delivered} delivered`,
    `${waiting} waiting`,
    `${dead} dead`,
    oneLine(url, 200),
  ];
}

function stateOf({ isEnabled, disabledReason, pausedUntil }: Webhook): string {
  if (!isEnabled) return disabledReason === "gone" ? "gone" : "disabled";
  return pausedUntil === null ? "on" : `paused until ${time(pausedUntil)}`;
}
