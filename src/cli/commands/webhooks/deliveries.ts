import { deliveryToWire } from "../../../http/native/webhook-to-wire.ts";
import type { Delivery } from "../../../webhooks/webhook.ts";
import { type Command, command } from "../../command.ts";
import { time } from "../../format/figures.ts";
import { oneLine } from "../../format/printable.ts";
import { table } from "../../format/table.ts";
import { LIST_ARGS, listInput, noteNextPage } from "../../list-args.ts";
import { webhooksFor } from "../../webhooks-for.ts";

export const deliveries: Command = command({
  summary: "List what an endpoint has not taken",
  details:
    "Those that are tried again, then dead ones, newest first. With the id of one: what is sent, as JSON.",
  examples: ["webhooks deliveries wh_123", "webhooks deliveries wh_123 msg_456"],
  args: {
    webhook: { type: "positional", required: true, description: "Id of the endpoint" },
    delivery: { type: "positional", required: false, description: "Id of a delivery" },
    ...LIST_ARGS,
  },
  async run({ args, output, open, settings }) {
    const webhooks = webhooksFor(await open(), await settings(), output);
    if (args.delivery !== undefined) {
      const { payload, ...delivery } = await webhooks.delivery(args.webhook, args.delivery);
      if (output.isJson) output.json(deliveryToWire(delivery, payload));
      else output.line(JSON.stringify(payload, null, 2));
      return;
    }
    const { items, nextCursor } = await webhooks.deliveries(args.webhook, listInput(args));
    if (output.isJson) for (const one of items) output.json(deliveryToWire(one));
    else for (const line of table(items.map(deliveryRow), output.columns)) output.line(line);
    if (items.length === 0 && !output.isJson) output.note("Nothing waits, and nothing is dead.");
    noteNextPage(output, nextCursor);
  },
});

function deliveryRow(delivery: Delivery): readonly string[] {
  const { id, status, event, threadId, version, tries, nextAt, failure } = delivery;
  return [
    id,
    status,
    event,
    `${threadId}:${version}`,
    `${tries} tries`,
    nextAt === null ? "" : time(nextAt),
    oneLine(failure?.message ?? "", 200),
  ];
}
