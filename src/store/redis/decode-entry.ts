import type { Entry, EntryOf } from "../../model/entry.ts";
import type { JsonObject } from "../../model/json.ts";
import type { Part } from "../../model/part.ts";
import type { LastMessage } from "../../model/thread.ts";
import { withCallActions } from "./call-actions.ts";

interface Content {
  readonly parts: readonly Part[];
  readonly metadata?: JsonObject;
}

/** An entry as it was committed; without the words that were erased since.
 *  @param words  in their places; `null` where there are none, or none any more */
export function decodeEntry(
  threadId: string,
  version: number,
  json: string,
  words: readonly (string | null)[],
): Entry {
  const [a = null, b = null, ...numbered] = words;
  const entry: Entry = { ...parse<Entry>(json), threadId, version };
  switch (entry.op) {
    case "message.append":
    case "message.open": {
      const message = { ...entry.data.message, ...parsed<Content>(a, { parts: [] }) };
      return { ...entry, data: { ...entry.data, message } };
    }
    case "message.enqueue": {
      const message = { ...entry.data.message, ...parsed<Content>(a, { parts: [] }) };
      return { ...entry, data: { ...entry.data, message } };
    }
    case "message.commit":
      return { ...entry, data: { ...entry.data, parts: parsed<readonly Part[]>(a, []) } };
    case "message.annotate":
      return { ...entry, data: { ...entry.data, values: parsed<JsonObject>(a, {}) } };
    case "branch.move": {
      const lastMessage = withText(entry.data.lastMessage, a);
      return { ...entry, data: { ...entry.data, lastMessage } };
    }
    case "thread.set": {
      const { titleOf, title } = entry.data;
      if (titleOf === undefined || title === undefined) return entry;
      return { ...entry, data: { ...entry.data, title: parsed<string | null>(a, null) } };
    }
    case "approval.request": {
      const action = parsed(a, entry.data.action);
      return { ...entry, data: { ...entry.data, action } };
    }
    case "approval.decide": {
      const decision = parsed(a, entry.data.decision);
      return { ...entry, data: { ...entry.data, decision } };
    }
    case "thread.create":
      return decodeCreation(entry, a, b);
    case "retention.trim":
      return decodeTrim(entry, a, b, numbered);
    default:
      return entry;
  }
}

function decodeTrim(
  entry: EntryOf<"retention.trim">,
  a: string | null,
  b: string | null,
  numbered: readonly (string | null)[],
): EntryOf<"retention.trim"> {
  const { snapshot } = entry.data;
  const { profile, activity } = snapshot;
  let next = activity.queued.length;
  const title = parsed<string | null>(a, null);
  return {
    ...entry,
    data: {
      ...entry.data,
      snapshot: {
        ...snapshot,
        profile: profile.titleOf === undefined ? profile : { ...profile, title },
        activity: {
          ...activity,
          lastMessage: withText(activity.lastMessage, b),
          queued: activity.queued.map((it, index) => ({
            ...it,
            preview: withText(it.preview, numbered[index] ?? null),
          })),
          runs: withCallActions(activity.runs, (action) =>
            parsed(numbered[next++] ?? null, action),
          ),
        },
      },
    },
  };
}

function decodeCreation(
  entry: EntryOf<"thread.create">,
  a: string | null,
  b: string | null,
): EntryOf<"thread.create"> {
  const { profile, from } = entry.data;
  const title = parsed<string | null>(a, null);
  return {
    ...entry,
    data: {
      profile: profile.titleOf === undefined ? profile : { ...profile, title },
      ...(from && { from: { ...from, lastMessage: withText(from.lastMessage, b) } }),
    },
  };
}

function withText(quoted: LastMessage | null, text: string | null): LastMessage | null {
  return quoted && { ...quoted, text: parsed(text, "") };
}

function parsed<T>(json: string | null, erased: T): T {
  return json === null ? erased : parse<T>(json);
}

/** JSON that this adapter wrote. */
export function parse<T>(json: string): T {
  const value: T = JSON.parse(json);
  return value;
}
