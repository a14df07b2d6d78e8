import type { Entry } from "../model/entry.ts";
import type { JsonObject } from "../model/json.ts";
import type { Run } from "../model/run.ts";
import type { Thread } from "../model/thread.ts";
import { digestOf } from "../engine/digest.ts";
import { entryToWire } from "../http/native/entry-to-wire.ts";
import { runToWire } from "../http/native/run-to-wire.ts";
import { WEBHOOK_EVENTS } from "../protocol/webhook-events.ts";
import type { WebhookFilter, WebhookMessage } from "./webhook.ts";

/** Of an entry's own data. What is larger is read from the log. */
const ENTRY_BYTES = 262_144;

/** Something that an entry tells of. Its run, where it is about one, is still to be read. */
export type Occurrence = Pick<WebhookMessage, "event" | "slot"> & {
  readonly entry: Entry;
  /** Of a run's event: its id, and what the entry says of it. */
  readonly run?: { readonly id: string; readonly partial: Partial<Run> };
};

/** The events of an entry, in the order in which they are sent. */
export function eventsOf(entry: Entry): readonly Occurrence[] {
  const told: Occurrence = { event: "thread.entry", slot: 0, entry };
  if (entry.op !== "run.end" && entry.op !== "run.update") return [told];
  const { runId, run } = entry.data;
  const event = WEBHOOK_EVENTS.find((name) => name === `run.${run.status}`);
  if (event === undefined || (event === "run.requires_action") !== (entry.op === "run.update"))
    return [told];
  return [told, { event, slot: 1, entry, run: { id: runId, partial: run } }];
}

/** Whether an endpoint wants it, as far as can be told without its run. */
export function isWanted(
  { events, ops, tags, agents }: WebhookFilter,
  { event, entry }: Occurrence,
  thread: Pick<Thread, "tags" | "agentId">,
): boolean {
  if (events.length > 0 && !events.includes(event)) return false;
  if (tags.length > 0 && !tags.some((tag) => thread.tags.includes(tag))) return false;
  if (event !== "thread.entry") return true;
  if (ops.length > 0 && !ops.includes(entry.op)) return false;
  return agents.length === 0 || (thread.agentId !== null && agents.includes(thread.agentId));
}

/** Stays the same for an endpoint, so that a receiver knows what it has seen. */
export function messageId(
  endpointId: string,
  threadId: string,
  version: number,
  slot: 0 | 1,
): string {
  return `msg_${digestOf([endpointId, threadId, version, slot]).slice(0, 32)}`;
}

export function messageFor(
  endpointId: string,
  { event, slot, entry }: Occurrence,
  run: Run | undefined,
): WebhookMessage {
  const { threadId, version, at } = entry;
  return {
    id: messageId(endpointId, threadId, version, slot),
    event,
    threadId,
    version,
    slot,
    body: {
      type: event,
      timestamp: new Date(at).toISOString(),
      data: run === undefined ? entryData(entry) : runData(run, version),
    },
  };
}

export function asOf(run: Run, { partial }: NonNullable<Occurrence["run"]>): Run {
  return { ...run, ...partial };
}

function entryData(entry: Entry): JsonObject {
  const wire = entryToWire(entry);
  const isLarge = Buffer.byteLength(JSON.stringify(wire.data)) > ENTRY_BYTES;
  return {
    thread_id: entry.threadId,
    entry: { ...wire, data: isLarge ? {} : wire.data },
    is_truncated: isLarge,
  };
}

function runData(run: Run, version: number): JsonObject {
  // All in it is JSON; interfaces of the wire have no index signature to say so.
  const wire = runToWire(run) as unknown as JsonObject;
  return { thread_id: run.threadId, version, run: wire };
}
