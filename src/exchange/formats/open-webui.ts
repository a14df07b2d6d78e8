import type { JsonObject } from "../../model/json.ts";
import { isJsonObject } from "../../model/json.ts";
import type { Part } from "../../model/part.ts";
import type { Conversation, FoundFile, SourceMessage } from "../conversation.ts";
import { fileOfUrl } from "../file-part.ts";
import { given, listOf, objectAt, objectsOf, stringOf, textAt, timeOf } from "../loose.ts";
import { partsOfItem } from "./response-items.ts";

/** A chat that Open WebUI exported. */
export function readOpenWebUi(source: JsonObject): Conversation {
  const chat = objectAt(source["chat"]);
  const history = objectAt(chat["history"]);
  const files = new Map<string, FoundFile>();
  const messages: SourceMessage[] = [];
  for (const [id, message] of Object.entries(objectAt(history["messages"])))
    if (isJsonObject(message)) messages.push(messageOf(id, message, files));
  return {
    format: "open-webui",
    id: textAt(source["id"]) ?? stringOf(chat["id"]),
    ...given("title", textAt(source["title"]) ?? textAt(chat["title"])),
    ...given("createdAt", timeOf(source["created_at"]) ?? timeOf(chat["timestamp"])),
    ...given("headId", textAt(history["currentId"])),
    messages,
    tags: [...listOf(objectAt(source["meta"])["tags"]), ...listOf(chat["tags"])].filter(
      (tag) => typeof tag === "string",
    ),
    isArchived: source["archived"] === true,
    metadata: {
      ...(source["pinned"] === true && { pinned: true }),
      ...given("folder_id", textAt(source["folder_id"])),
      ...given("share_id", textAt(source["share_id"])),
    },
    files,
  };
}

function messageOf(id: string, message: JsonObject, files: Map<string, FoundFile>): SourceMessage {
  const isUser = message["role"] === "user";
  const role = isUser ? "user" : message["role"] === "system" ? "system" : "assistant";
  return {
    id,
    parentId: textAt(message["parentId"]) ?? null,
    role,
    parts: [...partsOf(message), ...filesOf(message, files)],
    ...given("createdAt", timeOf(message["timestamp"])),
    ...(role === "assistant" && given("model", textAt(message["model"]))),
    ...(message["done"] === false && { isIncomplete: true }),
  };
}

/** `output` says what `content` shows as HTML. */
function partsOf(message: JsonObject): readonly Part[] {
  const items = objectsOf(message["output"]).flatMap(partsOfItem);
  const text = textAt(message["content"]);
  return items.length > 0 || text === undefined
    ? items
    : [{ type: "text", text: withoutDetails(text) }];
}

/** Thoughts and tool calls are shown in the text as HTML that only that program reads. */
function withoutDetails(text: string): string {
  return text.replaceAll(
    /<details type="(?:reasoning|tool_calls|code_interpreter)"[^>]*>[^]*?<\/details>\n?/g,
    "",
  );
}

function filesOf(message: JsonObject, files: Map<string, FoundFile>): readonly Part[] {
  return objectsOf(message["files"]).map(
    (it) =>
      fileOfUrl(stringOf(it["url"]), it["type"] === "image" ? "image/png" : "", files) ?? {
        type: "opaque",
        format: "open-webui-file",
        value: it,
      },
  );
}
