import type { JsonObject } from "../model/json.ts";
import { isJsonObject } from "../model/json.ts";
import type { Conversation } from "./conversation.ts";
import { readChatGpt } from "./formats/chatgpt.ts";
import { readClaude } from "./formats/claude.ts";
import { claudeCodeReader } from "./formats/claude-code.ts";
import { codexReader } from "./formats/codex.ts";
import { diveReader } from "./formats/dive.ts";
import { readLibreChat } from "./formats/librechat.ts";
import type { LineReader } from "./formats/line-reader.ts";
import { readOpenWebUi } from "./formats/open-webui.ts";
import { objectAt } from "./loose.ts";

/** What one JSON object is: a conversation of another program, something that the engine resumes, the frame of an export; or
 *  nothing that is known. */
export type Item =
  | { readonly is: "conversation"; readonly conversation: Conversation }
  | { readonly is: "portable" }
  | { readonly is: "frame" };

/** Says by its shape what an object is. */
export function detectItem(value: JsonObject): Item | undefined {
  const { type } = value;
  if (type === "skein.export" || type === "session" || type === "agent_thread_state")
    return { is: "portable" };
  if (type === "skein.threads" || type === "skein.end") return { is: "frame" };
  if (isJsonObject(value["mapping"])) return conversationItem(readChatGpt(value));
  if (Array.isArray(value["chat_messages"])) return conversationItem(readClaude(value));
  if (isJsonObject(objectAt(value["chat"], "history")["messages"]))
    return conversationItem(readOpenWebUi(value));
  const isLibreChat = Array.isArray(value["messages"]) || Array.isArray(value["messagesTree"]);
  if (typeof value["conversationId"] === "string" && isLibreChat)
    return conversationItem(readLibreChat(value));
  return undefined;
}

function conversationItem(conversation: Conversation): Item {
  return { is: "conversation", conversation };
}

const CODEX_LINES: ReadonlySet<unknown> = new Set([
  "session_meta",
  "response_item",
  "turn_context",
  "event_msg",
]);

/** Who reads a file of lines that has this one; nothing when it could be of many. */
export function detectLines(line: JsonObject): LineReader | undefined {
  const { type } = line;
  if (line["line_type"] === "header" || line["line_type"] === "event") return diveReader();
  if (CODEX_LINES.has(type) && isJsonObject(line["payload"])) return codexReader();
  const isNamed = typeof line["id"] === "string" && typeof line["timestamp"] === "string";
  if (type === undefined && isNamed && "instructions" in line) return codexReader();
  if (typeof line["sessionId"] === "string" && typeof line["uuid"] === "string")
    return claudeCodeReader();
  return undefined;
}
