import type { Entry } from "../../model/entry.ts";
import { erasedAction, erasedDecision } from "../../model/erased-action.ts";
import type { MessageBody } from "../../model/message.ts";
import { withCallActions } from "./call-actions.ts";
import { nameOf } from "./names.ts";

/** What an entry says in words, kept apart so that it can be erased without reading the rest. */
export interface Words {
  /** Which of the entry's places for words. */
  readonly field: "a" | "b" | `c${number}`;
  /** Of a new message; of one that may be erased already; or repeated from another one. */
  readonly kind: "new" | "change" | "quote";
  readonly messageId: string;
  readonly json: string;
}

export interface EncodedEntry {
  /** Without its thread, its version and its words. */
  readonly json: string;
  readonly words: readonly Words[];
}

export function encodeEntry({
  threadId: _thread,
  version: _version,
  ...entry
}: Entry): EncodedEntry {
  const { data, words } = parted(entry);
  return { json: JSON.stringify({ ...entry, data }), words };
}

/** The arguments of the script's `entry`. */
export function entryArguments(entry: Entry, { json, words }: EncodedEntry): readonly string[] {
  const fields = words.flatMap((it) => [it.field, it.kind, nameOf(it.messageId), it.json]);
  return ["entry", String(entry.version), json, String(words.length), ...fields];
}

type Said = { [O in Entry["op"]]: Pick<Extract<Entry, { op: O }>, "op" | "data"> }[Entry["op"]];

function parted(entry: Said): { readonly data: object; readonly words: readonly Words[] } {
  switch (entry.op) {
    case "message.append":
    case "message.open":
    case "message.enqueue": {
      const { message, words } = partedMessage(entry.data.message);
      return { data: { ...entry.data, message }, words: [words] };
    }
    case "message.commit": {
      const { parts, ...data } = entry.data;
      return { data, words: [wordsOf("a", "change", data.messageId, parts)] };
    }
    case "message.annotate": {
      const { values, ...data } = entry.data;
      return { data, words: [wordsOf("a", "quote", data.messageId, values)] };
    }
    case "branch.move": {
      const { lastMessage } = entry.data;
      if (lastMessage === null) return { data: entry.data, words: [] };
      const data = { ...entry.data, lastMessage: { ...lastMessage, text: "" } };
      return { data, words: [wordsOf("a", "quote", lastMessage.id, lastMessage.text)] };
    }
    case "thread.set": {
      const { title, titleOf } = entry.data;
      if (titleOf === undefined || title === undefined) return { data: entry.data, words: [] };
      const data = { ...entry.data, title: null };
      return { data, words: [wordsOf("a", "quote", titleOf, title)] };
    }
    case "approval.request": {
      const { callMessageId } = entry.data.action;
      if (callMessageId === undefined) return { data: entry.data, words: [] };
      const action = erasedAction(entry.data.action);
      const words = wordsOf("a", "quote", callMessageId, entry.data.action);
      return { data: { ...entry.data, action }, words: [words] };
    }
    case "approval.decide": {
      const { callMessageId, decision } = entry.data;
      if (callMessageId === undefined) return { data: entry.data, words: [] };
      const data = { ...entry.data, decision: erasedDecision(decision) };
      return { data, words: [wordsOf("a", "quote", callMessageId, decision)] };
    }
    case "thread.create":
      return partedCreation(entry.data);
    case "retention.trim":
      return partedTrim(entry.data);
    default:
      return { data: entry.data, words: [] };
  }
}

function partedMessage({ parts, metadata, ...message }: MessageBody): {
  readonly message: object;
  readonly words: Words;
} {
  const said = { parts, ...(metadata !== undefined && { metadata }) };
  return { message, words: wordsOf("a", "new", message.id, said) };
}

function partedCreation(data: Extract<Entry, { op: "thread.create" }>["data"]): {
  readonly data: object;
  readonly words: readonly Words[];
} {
  const { profile, from } = data;
  const words: Words[] = [];
  if (profile.titleOf !== undefined)
    words.push(wordsOf("a", "quote", profile.titleOf, profile.title));
  const quoted = from?.lastMessage ?? null;
  if (quoted !== null) words.push(wordsOf("b", "quote", quoted.id, quoted.text));
  return {
    data: {
      ...data,
      profile: profile.titleOf === undefined ? profile : { ...profile, title: null },
      ...(from && { from: { ...from, lastMessage: quoted && { ...quoted, text: "" } } }),
    },
    words,
  };
}

/** A trim begins the log with the head as it was. */
function partedTrim(data: Extract<Entry, { op: "retention.trim" }>["data"]): {
  readonly data: object;
  readonly words: readonly Words[];
} {
  const { profile, activity } = data.snapshot;
  const { lastMessage, queued, runs } = activity;
  const words: Words[] = [];
  if (profile.titleOf !== undefined)
    words.push(wordsOf("a", "quote", profile.titleOf, profile.title));
  if (lastMessage !== null) words.push(wordsOf("b", "quote", lastMessage.id, lastMessage.text));
  for (const [index, { messageId, preview }] of queued.entries())
    if (preview !== null) words.push(wordsOf(`c${index + 1}`, "quote", messageId, preview.text));
  let numbered = queued.length;
  const erasedRuns = withCallActions(runs, (action, callMessageId) => {
    numbered += 1;
    words.push(wordsOf(`c${numbered}`, "quote", callMessageId, action));
    return erasedAction(action);
  });
  return {
    data: {
      ...data,
      snapshot: {
        ...data.snapshot,
        profile: profile.titleOf === undefined ? profile : { ...profile, title: null },
        activity: {
          ...activity,
          lastMessage: lastMessage && { ...lastMessage, text: "" },
          queued: queued.map((it) => ({
            ...it,
            preview: it.preview && { ...it.preview, text: "" },
          })),
          runs: erasedRuns,
        },
      },
    },
    words,
  };
}

function wordsOf(
  field: Words["field"],
  kind: Words["kind"],
  messageId: string,
  said: unknown,
): Words {
  return { field, kind, messageId, json: JSON.stringify(said) };
}
