import type { JsonObject } from "../../model/json.ts";
import { isJsonObject } from "../../model/json.ts";
import type { Role } from "../../model/message.ts";
import type { Part } from "../../model/part.ts";
import type { Conversation, SourceMessage } from "../conversation.ts";
import { given, listOf, objectAt, objectsOf, stringOf, textAt, timeOf } from "../loose.ts";

const ROLES: ReadonlyMap<string, Role> = new Map<string, Role>([
  ["user", "user"],
  ["assistant", "assistant"],
  ["system", "system"],
  // What a tool says answers no call that the export names.
  ["tool", "assistant"],
]);

/** A conversation of an export of ChatGPT: a tree by id, of which some nodes are empty or hidden. */
export function readChatGpt(source: JsonObject): Conversation {
  const messages: SourceMessage[] = [];
  const skipped = new Map<string, string | null>();
  for (const [id, node] of Object.entries(objectAt(source["mapping"]))) {
    if (!isJsonObject(node)) continue;
    const parentId = textAt(node["parent"]) ?? null;
    const message = isJsonObject(node["message"]) ? messageOf(id, parentId, node["message"]) : null;
    if (message === null) skipped.set(id, parentId);
    else messages.push(message);
  }
  return {
    format: "chatgpt",
    id: textAt(source["conversation_id"]) ?? stringOf(source["id"]),
    ...given("title", textAt(source["title"])),
    ...given("createdAt", timeOf(source["create_time"])),
    ...given("headId", textAt(source["current_node"])),
    messages,
    skipped,
    isArchived: source["is_archived"] === true,
    metadata: {
      ...given("model", textAt(source["default_model_slug"])),
      ...given("gizmo_id", textAt(source["gizmo_id"])),
      ...(source["is_starred"] === true && { is_starred: true }),
    },
    files: new Map(),
  };
}

function messageOf(id: string, parentId: string | null, message: JsonObject): SourceMessage | null {
  const metadata = objectAt(message["metadata"]);
  const author = objectAt(message["author"]);
  const isHidden = metadata["is_visually_hidden_from_conversation"] === true;
  const parts = isHidden ? [] : partsOf(objectAt(message["content"]));
  if (parts.length === 0) return null;
  const role = ROLES.get(stringOf(author["role"])) ?? "assistant";
  const { recipient } = message;
  const beside = {
    ...(author["role"] === "tool" && { tool: stringOf(author["name"]) }),
    ...(typeof recipient === "string" && recipient !== "all" && { recipient }),
  };
  return {
    id,
    parentId,
    role,
    parts: [...parts, ...citationsOf(metadata)],
    ...given("createdAt", timeOf(message["create_time"])),
    ...(role === "assistant" && given("model", textAt(metadata["model_slug"]))),
    ...(message["status"] === "in_progress" && { isIncomplete: true }),
    metadata: beside,
  };
}

function partsOf(content: JsonObject): readonly Part[] {
  switch (content["content_type"]) {
    case "thoughts":
      return objectsOf(content["thoughts"]).map((thought) => ({
        type: "reasoning",
        text: [stringOf(thought["summary"]), stringOf(thought["content"])]
          .filter(Boolean)
          .join("\n\n"),
      }));
    case "reasoning_recap":
      return textPart(content["content"]).map((part) => ({ ...part, type: "reasoning" }));
    // What the user had set up, not what was said.
    case "user_editable_context":
    case "model_editable_context":
      return [];
    case "code":
    case "execution_output":
      return textPart(content["text"]);
    default:
      return [...textPart(content["text"]), ...listOf(content["parts"]).flatMap(partOf)];
  }
}

function partOf(part: JsonObject[string]): readonly Part[] {
  if (typeof part === "string") return textPart(part);
  // Pictures and recordings are named only; their bytes are not in the list.
  return isJsonObject(part) ? [{ type: "opaque", format: "chatgpt", value: part }] : [];
}

function textPart(
  value: JsonObject[string] | undefined,
): readonly { readonly type: "text"; readonly text: string }[] {
  const text = textAt(value);
  return text === undefined ? [] : [{ type: "text", text }];
}

function citationsOf(metadata: JsonObject): readonly Part[] {
  return objectsOf(metadata["citations"]).flatMap((citation): readonly Part[] => {
    const cited = objectAt(citation["metadata"]);
    const url = textAt(cited["url"]);
    if (url === undefined || url.length > 65_536) return [];
    return [{ type: "source", kind: "url", url, ...given("title", textAt(cited["title"])) }];
  });
}
