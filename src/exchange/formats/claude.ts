import type { JsonObject } from "../../model/json.ts";
import type { Part } from "../../model/part.ts";
import type { Conversation, FoundFile, SourceMessage } from "../conversation.ts";
import { given, objectsOf, stringOf, textAt, timeOf } from "../loose.ts";
import { partsOfBlocks } from "./content-blocks.ts";
import { withResultsApart } from "./results-apart.ts";

/** A conversation of `conversations.json` in a data export of Claude. */
export function readClaude(source: JsonObject): Conversation {
  const files = new Map<string, FoundFile>();
  const messages: SourceMessage[] = [];
  for (const [index, message] of objectsOf(source["chat_messages"]).entries()) {
    const id = textAt(message["uuid"]) ?? `${index}`;
    messages.push(
      ...withResultsApart({
        id,
        // The first ones follow on an id that is none of a message.
        parentId: textAt(message["parent_message_uuid"]) ?? messages.at(-1)?.id ?? null,
        role: message["sender"] === "assistant" ? "assistant" : "user",
        parts: partsOf(message, files),
        ...given("createdAt", timeOf(message["created_at"])),
      }),
    );
  }
  return {
    format: "claude",
    id: stringOf(source["uuid"]),
    ...given("title", textAt(source["name"])),
    ...given("createdAt", timeOf(source["created_at"])),
    ...given("headId", textAt(source["current_leaf_message_uuid"])),
    messages,
    files,
    metadata: {
      ...given("model", textAt(source["model"])),
      ...(source["is_starred"] === true && { is_starred: true }),
    },
  };
}

function partsOf(message: JsonObject, files: Map<string, FoundFile>): readonly Part[] {
  const blocks = partsOfBlocks(message["content"], files);
  // Older exports have the text only.
  const said = blocks.length > 0 ? blocks : partsOfBlocks(message["text"], files);
  return [
    ...said,
    ...objectsOf(message["attachments"]).map((it): Part => ({
      type: "file",
      mediaType: "text/plain",
      filename: stringOf(it["file_name"]) || "attachment",
      source: { kind: "text", text: stringOf(it["extracted_content"]) },
    })),
    // An export names them and does not carry them.
    ...objectsOf(message["files"]).map((it): Part => ({
      type: "opaque",
      format: "claude-file",
      value: it,
    })),
  ];
}
