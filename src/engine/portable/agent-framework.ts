import { checkJson } from "../../model/check.ts";
import { checkJsonSize } from "../../model/check-size.ts";
import { SkeinError } from "../../model/error.ts";
import { isJsonObject } from "../../model/json.ts";
import type { Json, JsonObject } from "../../model/json.ts";
import { LIMITS } from "../../model/limits.ts";
import type { BroughtMessage } from "../../model/thread-content.ts";
import { MAIN } from "../../model/thread.ts";
import { autoTitle } from "../../model/title.ts";
import { digestOf } from "../digest.ts";
import { messagesFrom } from "./agent-framework-messages.ts";
import type { LineOptions } from "./agent-framework-messages.ts";
import type { Packed } from "./unpack.ts";
import { jsonWithoutPasswords } from "./without-passwords.ts";

/** What is known of a resumption beside what is resumed. */
export interface Around extends LineOptions {
  readonly threadId: string | undefined;
  /** Who resumes it. */
  readonly user: string;
}

/**
 * Reads what the Agent Framework serialises: a thread (`service_thread_id`, `chat_message_store_state`), the state of a message
 * store, the state of its Redis store, and a session (`type: "session"`). Where the messages are kept elsewhere, it is the name
 * of a thread. What the state says of a user, a password or a key is left out.
 */
export function readAgentFramework(given: JsonObject, around: Around): Packed {
  const { threadId } = around;
  if (given["type"] === "session") return readSession(given, around);
  const state = given["chat_message_store_state"];
  const serviceId = given["service_thread_id"];
  if (typeof serviceId === "string" && isJsonObject(state))
    throw wrong(
      "service_thread_id",
      "A thread is kept by a service or has its messages, not both.",
    );
  if (typeof serviceId === "string") return named(threadId ?? idOf(serviceId));
  return readStore(isJsonObject(state) ? state : given, around);
}

function readStore(state: JsonObject, around: Around): Packed {
  const { messages, thread_id: keptUnder } = state;
  if (Array.isArray(messages)) return packed(messages, {}, around);
  // The state of a store that keeps the messages itself.
  if (typeof keptUnder === "string") return named(around.threadId ?? idOf(keptUnder));
  throw wrong(
    "",
    "What is resumed is neither a thread of Skein nor one of the Agent Framework: it has no messages, and names no thread.",
  );
}

function readSession(given: JsonObject, around: Around): Packed {
  const { session_id: sessionId, state = {} } = given;
  if (typeof sessionId !== "string") throw wrong("session_id", "session_id must be a text.");
  if (!isJsonObject(state)) throw wrong("state", "state must be a JSON object.");
  const messages: Json[] = [];
  const shared: Record<string, Json> = {};
  for (const [provider, own] of Object.entries(state)) {
    if (!isJsonObject(own)) {
      shared[provider] = own;
      continue;
    }
    const { messages: said, ...rest } = own;
    if (Array.isArray(said)) messages.push(...said);
    if (Object.keys(rest).length > 0) shared[provider] = rest;
  }
  const threadId = around.isDeriving ? derivedId(around, sessionId) : idOf(sessionId);
  return packed(messages, shared, { ...around, threadId: around.threadId ?? threadId });
}

/** A thread that is kept here, or it is not found. */
function named(threadId: string): Packed {
  return { threadId, profile: {}, isForeign: true, blobs: [] };
}

function packed(said: readonly Json[], state: JsonObject, around: Around): Packed {
  const threadId = around.threadId ?? idFor(said, around);
  const { now } = around;
  const shared = stateWithoutSecrets(state);
  checkJson(shared, "state");
  checkJsonSize(shared, "state", LIMITS.stateBytes);
  const { messages, blobs } = messagesFrom(said, threadId, around);
  return {
    threadId,
    profile: titleFor(messages),
    isForeign: true,
    content: {
      createdAt: now,
      isArchived: false,
      state: shared,
      messages,
      branches: [
        { name: MAIN, reason: "main", createdAt: now, messageId: messages.at(-1)?.id ?? null },
      ],
      runs: [],
      origin: { format: "agent-framework" },
    },
    blobs,
  };
}

function titleFor(messages: readonly BroughtMessage[]): Packed["profile"] {
  const first = messages.find(({ role }) => role === "user");
  const title = first === undefined ? null : autoTitle(first.parts);
  return first === undefined || title === null
    ? {}
    : { title, titleSource: "auto", titleOf: first.id };
}

/** The same thread of the same user has the same id whenever it comes: by the id of its first message, or by all that was said. */
function idFor(said: readonly Json[], around: Around): string {
  const [first] = said;
  const id = isJsonObject(first) ? first["message_id"] : undefined;
  return derivedId(around, typeof id === "string" ? id : said);
}

function derivedId({ user }: Around, from: Json): string {
  return `th_${digestOf([user, from]).slice(0, 32)}`;
}

/** An id of somebody else's, or what follows from it where it cannot be one here. */
function idOf(foreign: string): string {
  return /^(?!\.{1,2}$|__proto__$)[A-Za-z0-9._:-]{1,128}$/.test(foreign)
    ? foreign
    : `th_${digestOf(["foreign", foreign]).slice(0, 32)}`;
}

const SECRET = /pass(?:word|wd)|secret|api_?key|token|credential|authorization|connection_?string/i;

function withoutSecrets(value: Json): Json {
  if (Array.isArray(value)) return value.map(withoutSecrets);
  return isJsonObject(value) ? stateWithoutSecrets(value) : jsonWithoutPasswords(value);
}

function stateWithoutSecrets(state: JsonObject): JsonObject {
  const kept = Object.entries(state).filter(([key]) => !SECRET.test(key));
  return Object.fromEntries(kept.map(([key, value]) => [key, withoutSecrets(value)]));
}

function wrong(field: string, message: string): SkeinError {
  return new SkeinError("invalid_request", message, { ...(field !== "" && { field }) });
}
