import type { WebhookEvent } from "../../../protocol/webhook-events.ts";
import { WEBHOOK_EVENTS } from "../../../protocol/webhook-events.ts";
import type { WebhookFilter } from "../../../webhooks/webhook.ts";
import { usageError } from "../../arguments.ts";

/** What an endpoint is told of; several values are separated by commas. */
export const FILTER_ARGS = {
  description: { type: "string", valueHint: "text", description: "For people" },
  events: {
    type: "string",
    valueHint: "names",
    description: "Only these: thread.entry, run.completed, run.failed, … An empty text: all",
  },
  ops: {
    type: "string",
    valueHint: "names",
    description: "Of thread.entry only these, as in the log: message.append, …",
  },
  agents: { type: "string", valueHint: "names", description: "Only what these agents do" },
  tags: { type: "string", valueHint: "tags", description: "Only threads with one of these tags" },
} as const;

type FilterArgs = Readonly<Partial<Record<keyof typeof FILTER_ARGS, string | undefined>>>;

export function filterFrom(
  args: FilterArgs,
): Partial<WebhookFilter> & { readonly description?: string } {
  const { description } = args;
  const [events, ops, agents, tags] = [args.events, args.ops, args.agents, args.tags].map(listOf);
  return {
    ...(description !== undefined && { description }),
    ...(events && { events: events.map(eventFrom) }),
    ...(ops && { ops }),
    ...(agents && { agents }),
    ...(tags && { tags }),
  };
}

function listOf(value: string | undefined): readonly string[] | undefined {
  return value
    ?.split(",")
    .map((item) => item.trim())
    .filter((item) => item !== "");
}

function eventFrom(name: string): WebhookEvent {
  const event = WEBHOOK_EVENTS.find((known) => known === name);
  if (event === undefined)
    throw usageError(`--events must be of ${WEBHOOK_EVENTS.join(", ")}, not "${name}".`, "events");
  return event;
}
