import type { Json, JsonObject } from "../../model/json.ts";
import type { Part, ToolOutput } from "../../model/part.ts";
import { given, listOf, objectAt, objectsOf, parsedJson, stringOf, textAt } from "../loose.ts";
import { outputOf } from "./content-blocks.ts";

/** An item as the Responses API has them, in parts: Codex and Open WebUI keep their conversations as such. */
export function partsOfItem(item: JsonObject): readonly Part[] {
  switch (item["type"]) {
    case "message":
      return typeof item["content"] === "string"
        ? [{ type: "text", text: item["content"] }]
        : objectsOf(item["content"]).map(partOfContent);
    case "reasoning":
      return [reasoningOf(item)];
    case "function_call":
      return [callOf(item, stringOf(item["arguments"]))];
    case "custom_tool_call":
      return [callOf(item, stringOf(item["input"]))];
    case "local_shell_call":
      return [callOf({ name: "shell", ...item }, JSON.stringify(item["action"] ?? {}))];
    case "function_call_output":
    case "custom_tool_call_output":
    case "local_shell_call_output":
      return [resultOf(item)];
    default:
      return [opaque(item)];
  }
}

function partOfContent(content: JsonObject): Part {
  const { type } = content;
  if (type === "input_text" || type === "output_text" || type === "text")
    return { type: "text", text: stringOf(content["text"]) };
  if (type === "refusal") return { type: "refusal", text: stringOf(content["refusal"]) };
  return opaque(content);
}

function reasoningOf(item: JsonObject): Part {
  const told = [...objectsOf(item["content"]), ...objectsOf(item["summary"])];
  const encrypted = textAt(item["encrypted_content"]);
  return {
    type: "reasoning",
    text: told.map((it) => stringOf(it["text"])).join("\n\n"),
    ...(listOf(item["content"]).length === 0 && { isSummary: true }),
    ...(encrypted !== undefined && { opaque: { kind: "encrypted", data: encrypted } }),
  };
}

function callOf(item: JsonObject, inputText: string): Part {
  const callId = textAt(item["call_id"]) ?? textAt(item["id"]);
  if (callId === undefined) return opaque(item);
  return {
    type: "tool-call",
    callId,
    name: stringOf(item["name"]),
    inputText,
    ...given("input", parsedJson(inputText)),
  };
}

function resultOf(item: JsonObject): Part {
  const callId = textAt(item["call_id"]);
  if (callId === undefined) return opaque(item);
  const { output = "" } = item;
  const isFailed = objectAt(output)["success"] === false;
  return {
    type: "tool-result",
    callId,
    name: "",
    outcome: isFailed ? "error" : "ok",
    output: isFailed
      ? { type: "error", text: stringOf(objectAt(output)["content"]) }
      : told(output),
  };
}

function told(output: Json): ToolOutput {
  const { content } = objectAt(output);
  return outputOf(content ?? output);
}

function opaque(value: JsonObject): Part {
  return { type: "opaque", format: "openai", value };
}
