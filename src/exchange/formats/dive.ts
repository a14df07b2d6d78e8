import type { JsonObject } from "../../model/json.ts";
import type { Role } from "../../model/message.ts";
import type { Usage } from "../../model/usage.ts";
import type { Conversation, FoundFile, SourceMessage } from "../conversation.ts";
import { countOf, given, objectAt, objectsOf, stringOf, textAt, timeOf } from "../loose.ts";
import { partsOfBlocks } from "./content-blocks.ts";
import type { LineReader } from "./line-reader.ts";
import { withResultsApart } from "./results-apart.ts";

/** A session of Dive: a header and one event per turn. A turn that was resumed is the last one of its id. */
export function diveReader(): LineReader {
  let header: JsonObject = {};
  const events = new Map<string, JsonObject>();
  return {
    add(line) {
      const data = objectAt(line["data"]);
      if (line["line_type"] === "header") header = data;
      else events.set(textAt(data["id"]) ?? `event-${events.size}`, data);
    },
    end: () => [conversationOf(header, events)],
  };
}

function conversationOf(header: JsonObject, events: ReadonlyMap<string, JsonObject>): Conversation {
  const files = new Map<string, FoundFile>();
  const messages: SourceMessage[] = [];
  for (const [eventId, event] of events) {
    const at = timeOf(event["timestamp"]);
    // What was said before stands above it; the short form is for the model.
    if (event["type"] === "compaction" && messages.length > 0) {
      messages.push({
        id: eventId,
        parentId: messages.at(-1)?.id ?? null,
        role: "developer",
        parts: [{ type: "data", name: "compaction", data: event["messages"] ?? [] }],
        ...given("createdAt", at),
      });
      continue;
    }
    const said = objectsOf(event["messages"]);
    for (const [index, message] of said.entries()) {
      const role = roleOf(message["role"]);
      messages.push(
        ...withResultsApart({
          id: `${eventId}/${index}`,
          parentId: messages.at(-1)?.id ?? null,
          role,
          parts: partsOfBlocks(message["content"], files),
          ...given("createdAt", at),
          ...(index === said.length - 1 &&
            role === "assistant" &&
            given("usage", usageOf(objectAt(event["usage"])))),
        }),
      );
    }
  }
  const id = stringOf(header["id"]);
  const forkedFrom = textAt(header["forked_from"]);
  return {
    format: "dive",
    id,
    ...given("title", textAt(header["title"])),
    ...given("createdAt", timeOf(header["created_at"])),
    messages,
    files,
    metadata: { ...objectAt(header["metadata"]), ...given("forked_from", forkedFrom) },
  };
}

function roleOf(value: JsonObject[string] | undefined): Role {
  return value === "assistant" || value === "system" ? value : "user";
}

export function usageOf(usage: JsonObject): Usage | undefined {
  const cached = countOf(usage["cache_read_input_tokens"]);
  const written = countOf(usage["cache_creation_input_tokens"]);
  const inputTokens = countOf(usage["input_tokens"]) + cached + written;
  const outputTokens = countOf(usage["output_tokens"]);
  if (inputTokens + outputTokens === 0) return undefined;
  return { inputTokens, outputTokens, ...(cached > 0 && { cachedInputTokens: cached }) };
}
