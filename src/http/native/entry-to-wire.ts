import { messageOf } from "../../model/entry.ts";
import type { Entry, EntryOf } from "../../model/entry.ts";
import { isJsonObject } from "../../model/json.ts";
import type { JsonObject } from "../../model/json.ts";
import { threadOf } from "../../model/thread.ts";
import type { FeedEvent } from "../../store/query.ts";
import type { WireEntry, WireFeedEvent } from "../../protocol/entry.ts";
import { timeToWire } from "./figures-to-wire.ts";
import { messageToWire } from "./message-to-wire.ts";
import { toSnakeCase } from "./snake-case.ts";
import { runToWire } from "./run-to-wire.ts";
import { branchToWire, threadToWire } from "./thread-to-wire.ts";

/** What only the server's own bookkeeping needs. */
const INTERNAL = new Set(["owner", "fence", "base", "journal_from", "wake_at"]);

export function entryToWire(entry: Entry): WireEntry {
  return {
    thread_id: entry.threadId,
    version: entry.version,
    op: entry.op,
    data: dataToWire(entry),
    actor: entry.actor,
    at: timeToWire(entry.at),
    op_id: entry.opId,
    schema: entry.schema,
  };
}

export function feedEventToWire(event: FeedEvent): WireFeedEvent {
  return {
    type: event.type,
    thread_id: event.threadId,
    version: event.version,
    thread: threadToWire(event.thread),
  };
}

function dataToWire(entry: Entry): JsonObject {
  if (entry.op === "retention.trim") return trimToWire(entry);
  const wire = toSnakeCase(entry.data);
  if (!isJsonObject(wire)) return {};
  const message = messageOf(entry);
  if (message !== undefined) {
    const place = entry.op === "message.enqueue" ? null : placeOf(entry);
    // As `GET …/messages` has it, so that a reader of the log needs no second shape.
    // The entry does not know whether the message was redacted since.
    const { redacted: _redacted, ...shown } = messageToWire({
      ...message,
      threadId: entry.threadId,
      parentId: place?.parentId ?? null,
      turnId: place?.turnId ?? message.id,
      depth: place?.depth ?? null,
      version: entry.version,
      createdAt: entry.at,
    });
    return { ...wire, message: shown as unknown as JsonObject };
  }
  const { run, profile } = wire;
  if (isJsonObject(run)) return { ...wire, run: without(run) };
  if (entry.op === "thread.create" && isJsonObject(profile)) {
    const { owner, tenant: _tenant, trim: _trim, ...rest } = profile;
    return { ...wire, profile: { ...rest, ...(owner !== undefined && { user_id: owner }) } };
  }
  return wire;
}

/** The thread as it is from there on, in the shapes that other answers have. */
function trimToWire({ data, version }: EntryOf<"retention.trim">): JsonObject {
  const { policy, trimmed, snapshot } = data;
  const asked =
    "before" in policy ? { before: timeToWire(policy.before) } : { keep_last: policy.keepLast };
  const state = {
    policy: asked,
    trimmed,
    thread: threadToWire(threadOf({ ...snapshot, version })),
    branches: Object.values(snapshot.branches).map(branchToWire),
    runs: snapshot.activity.runs.map(runToWire),
  };
  // All in it is JSON; interfaces of the wire have no index signature to say so.
  return state as unknown as JsonObject;
}

function placeOf(entry: Entry): Extract<Entry, { op: "message.append" }>["data"]["place"] | null {
  return entry.op === "message.append" || entry.op === "message.open" ? entry.data.place : null;
}

function without(record: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(record).filter(([key]) => !INTERNAL.has(key)));
}
