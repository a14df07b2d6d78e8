import type { Json, JsonObject } from "../../model/json.ts";
import { isJsonObject } from "../../model/json.ts";
import type { Part } from "../../model/part.ts";
import type { Conversation, SourceMessage } from "../conversation.ts";
import {
  given,
  listOf,
  objectAt,
  objectsOf,
  parsedJson,
  stringOf,
  textAt,
  timeOf,
} from "../loose.ts";

/** A conversation that LibreChat exported: flat, or as a tree of `children`. */
export function readLibreChat(source: JsonObject): Conversation {
  const listed = objectsOf(source["messages"]);
  const found = listed.length > 0 ? listed : flat(objectsOf(source["messagesTree"]));
  return {
    format: "librechat",
    id: stringOf(source["conversationId"]),
    ...given("title", textAt(source["title"])),
    ...given("createdAt", timeOf(source["createdAt"])),
    messages: found.map(messageOf),
    tags: listOf(source["tags"]).filter((tag) => typeof tag === "string"),
    isArchived: source["isArchived"] === true,
    metadata: {
      ...given("endpoint", textAt(source["endpoint"])),
      ...given("model", textAt(objectAt(source["options"])["model"])),
    },
    files: new Map(),
  };
}

/** A tree as a list, every message behind what it follows on. */
function flat(roots: readonly JsonObject[]): readonly JsonObject[] {
  const found: JsonObject[] = [];
  const waiting = roots
    .toReversed()
    .map((message) => ({ message, parent: undefined as Json | undefined }));
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { message, parent } = next;
    found.push({ ...message, parentMessageId: message["parentMessageId"] ?? parent ?? null });
    for (const child of objectsOf(message["children"]).toReversed())
      waiting.push({ message: child, parent: message["messageId"] });
  }
  return found;
}

function messageOf(message: JsonObject, index: number): SourceMessage {
  const isUser = message["isCreatedByUser"] === true;
  const sender = textAt(message["sender"]);
  const metadata = { ...(sender !== undefined && !isUser && { sender }) };
  return {
    id: textAt(message["messageId"]) ?? `${index}`,
    // Of a root it is a UUID of zeros, which names no message.
    parentId: textAt(message["parentMessageId"]) ?? null,
    role: isUser ? "user" : "assistant",
    parts: partsOf(message),
    ...given("createdAt", timeOf(message["createdAt"])),
    ...(!isUser && given("model", textAt(message["model"]))),
    ...(message["unfinished"] === true && { isIncomplete: true }),
    metadata,
  };
}

function partsOf(message: JsonObject): readonly Part[] {
  const said = listOf(message["content"]).flatMap(partsOfContent);
  const text = textAt(message["text"]);
  const parts: readonly Part[] =
    said.length > 0 || text === undefined ? said : [{ type: "text", text }];
  if (message["error"] !== true) return parts;
  return [{ type: "error", code: "error", message: text ?? "The answer failed." }];
}

function partsOfContent(content: Json): readonly Part[] {
  if (!isJsonObject(content)) return [];
  const { type } = content;
  if (type === "text" || type === "think") {
    const inner = content[type];
    const text = typeof inner === "string" ? inner : stringOf(objectAt(inner)["value"]);
    return [type === "text" ? { type, text } : { type: "reasoning", text }];
  }
  const call = objectAt(content["tool_call"]);
  const callId = textAt(call["id"]);
  if (type !== "tool_call" || callId === undefined)
    return [{ type: "opaque", format: "librechat", value: content }];
  const name = stringOf(call["name"]);
  const inputText = stringOf(call["args"]);
  const { output } = call;
  return [
    { type: "tool-call", callId, name, inputText, ...given("input", parsedJson(inputText)) },
    ...(output === undefined || output === null
      ? []
      : [
          {
            type: "tool-result",
            callId,
            name,
            outcome: "ok",
            output: { type: "text", text: stringOf(output) },
          } satisfies Part,
        ]),
  ];
}
