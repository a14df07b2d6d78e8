import type { Entry } from "../../../src/model/entry.ts";
import type { Message } from "../../../src/model/message.ts";
import type { Run, Step } from "../../../src/model/run.ts";
import type { BranchHead, Thread } from "../../../src/model/thread.ts";
import type { ThreadStats } from "../../../src/engine/engine.ts";
import type { InboxItem } from "../../../src/engine/run-calls.ts";
import type { FeedEvent } from "../../../src/store/query.ts";
import type { SearchHit } from "../../../src/store/search.ts";
import type { Loose } from "../loose.ts";

/** Keys whose values are the caller's own JSON, or names that are data. */
const OPAQUE = new Set([
  "metadata",
  "values",
  "data",
  "input",
  "value",
  "provider_metadata",
  "payload",
  "citations",
  "ids",
  "members",
  "environment",
  "patch",
  "details",
  "runs_by_status",
  "custom_status",
  "output",
]);

const KINDS: Readonly<Record<string, string>> = {
  tool_call: "tool-call",
  tool_result: "tool-result",
  step_start: "step-start",
};

const RENAMED: Readonly<Record<string, string>> = {
  multitask_strategy: "strategy",
  user_id: "owner",
  pending_calls: "pending",
};

/** A record of the wire as the model spells it: keys in camelCase, times in milliseconds, costs without dollars. */
export function toCamelCase(value: Loose): Loose {
  if (Array.isArray(value)) return value.map(toCamelCase);
  if (typeof value !== "object" || value === null) return value;
  const record: Record<string, unknown> = {};
  for (const [key, inner] of Object.entries(value)) {
    const name =
      RENAMED[key] ?? key.replaceAll(/_([a-z])/g, (_all, letter) => letter.toUpperCase());
    if (OPAQUE.has(key)) record[name] = inner;
    else if (typeof inner === "string" && (key === "at" || key.endsWith("_at")))
      record[name] = Date.parse(inner);
    else if ((key === "type" || key === "kind") && typeof inner === "string")
      record[name] = KINDS[inner] ?? inner;
    else if (key !== "usd") record[name] = toCamelCase(inner);
  }
  return record;
}

/** The wire has only the text of the last message. */
export function threadFromWire(wire: Loose): Thread {
  const { lastMessage, forkedFrom, trimmed, messages: _messages, ...thread } = toCamelCase(wire);
  const { message: _message, run: _run, reply: _reply, ...header } = thread;
  return {
    ...header,
    lastMessage: lastMessage === null ? null : { id: "", role: "user", text: lastMessage, at: 0 },
    ...(forkedFrom !== null && { forkedFrom }),
    ...(trimmed !== null && { trimmed }),
  };
}

export function messageFromWire(wire: Loose): Message {
  const { parentId, depth, content: _content, redacted, ...rest } = toCamelCase(wire);
  if (Object.keys(rest.metadata).length === 0) delete rest.metadata;
  return { ...withoutNulls(rest), parentId, depth, ...(redacted === true && { redacted }) };
}

/** The wire does not tell who works on a run, nor under which fence. */
export function runFromWire(wire: Loose): Run {
  const { turnId, ...rest } = toCamelCase(wire);
  if (Object.keys(rest.metadata).length === 0) delete rest.metadata;
  return { ...withoutNulls(rest), turnId, fence: Number.NaN };
}

export function stepFromWire({ segment, input, ...wire }: Loose): Step {
  const worked = withoutNulls(toCamelCase(input));
  return {
    ...withoutNulls(toCamelCase(wire)),
    ...(segment > 0 && { segment }),
    ...(Object.keys(worked).length > 0 && { input: worked }),
  };
}

export function inboxItemFromWire({
  action,
  thread_title: threadTitle,
  ...wire
}: Loose): InboxItem {
  return { ...toCamelCase(wire), threadTitle, action: withoutNulls(toCamelCase(action)) };
}

/** The wire does not tell where in the store a branch stands. */
export function branchFromWire(wire: Loose): BranchHead {
  const { messageCount, trimmed, messageId, ...rest } = toCamelCase(wire);
  return {
    ...withoutNulls(rest),
    messageId,
    count: messageCount + trimmed,
    segment: { threadId: "", number: Number.NaN },
    position: Number.NaN,
    turnId: null,
    isTip: false,
  };
}

export function statsFromWire(wire: Loose): ThreadStats {
  const { last_run: lastRun, ...rest } = wire;
  return { ...toCamelCase(rest), lastRun: lastRun === null ? null : runFromWire(lastRun) };
}

export function entryFromWire(wire: Loose): Entry {
  const { data, ...rest } = wire;
  return { ...toCamelCase(rest), data: toCamelCase(data) };
}

export function hitFromWire(wire: Loose): SearchHit {
  return toCamelCase(wire);
}

export function feedEventFromWire(cursor: string, wire: Loose): FeedEvent {
  const { thread, ...rest } = wire;
  return { ...toCamelCase(rest), cursor, thread: threadFromWire(thread) };
}

function withoutNulls(record: Record<string, unknown>): Loose {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== null));
}
