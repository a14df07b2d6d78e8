import type { Json, JsonObject } from "../../model/json.ts";
import { isJsonObject } from "../../model/json.ts";
import type { FilePart, Part, ToolOutput } from "../../model/part.ts";
import type { FoundFile } from "../conversation.ts";
import { fileOfBase64, fileOfUrl } from "../file-part.ts";
import { given, listOf, objectAt, parsedJson, stringOf, textAt } from "../loose.ts";

/** Content blocks as Claude, Claude Code and Dive have them: a text, or a list of blocks. What has no part of its own is kept
 *  as it is. */
export function partsOfBlocks(
  content: Json | undefined,
  files: Map<string, FoundFile>,
): readonly Part[] {
  if (typeof content === "string") return content === "" ? [] : [{ type: "text", text: content }];
  return listOf(content).flatMap((block): readonly Part[] => {
    if (typeof block === "string") return [{ type: "text", text: block }];
    return isJsonObject(block) ? partsOfBlock(block, files) : [];
  });
}

function partsOfBlock(block: JsonObject, files: Map<string, FoundFile>): readonly Part[] {
  switch (block["type"]) {
    case "text":
      return [{ type: "text", text: stringOf(block["text"]) }];
    case "thinking":
      return [
        {
          type: "reasoning",
          text: stringOf(block["thinking"]),
          ...given("opaque", signatureOf(block["signature"])),
        },
      ];
    case "redacted_thinking":
      return [
        {
          type: "reasoning",
          text: "",
          opaque: { kind: "redacted", data: stringOf(block["data"]) },
        },
      ];
    case "tool_use":
    case "server_tool_use":
      return [callOf(block)];
    case "tool_result":
      return resultOf(block, files);
    case "image":
    case "document":
      return [fileOf(block, files) ?? opaque(block)];
    // Only how much of a budget is left.
    case "token_budget":
      return [];
    default:
      return [opaque(block)];
  }
}

function signatureOf(
  value: Json | undefined,
): { readonly kind: "signature"; readonly data: string } | undefined {
  const data = textAt(value);
  return data === undefined ? undefined : { kind: "signature", data };
}

function callOf(block: JsonObject): Part {
  const callId = textAt(block["id"]);
  if (callId === undefined) return opaque(block);
  const { input = {} } = block;
  const inputText = typeof input === "string" ? input : JSON.stringify(input);
  return {
    type: "tool-call",
    callId,
    name: stringOf(block["name"]),
    inputText,
    ...given("input", typeof input === "string" ? parsedJson(input) : input),
    ...(block["type"] === "server_tool_use" && { executor: "provider" }),
  };
}

/** The result, and the files that it brought. */
function resultOf(block: JsonObject, files: Map<string, FoundFile>): readonly Part[] {
  const callId = textAt(block["tool_use_id"]);
  if (callId === undefined) return [opaque(block)];
  const { content = "" } = block;
  const found: FilePart[] = [];
  const rest = listOf(content).filter((inner) => {
    const file = isJsonObject(inner) ? fileOf(inner, files) : undefined;
    if (file !== undefined) found.push(file);
    return file === undefined;
  });
  const isFailed = block["is_error"] === true;
  const told = outputOf(Array.isArray(content) ? rest : content);
  return [
    {
      type: "tool-result",
      callId,
      name: stringOf(block["name"]),
      outcome: isFailed ? "error" : "ok",
      output: isFailed ? { type: "error", text: textOfOutput(told) } : told,
    },
    ...found,
  ];
}

/** Texts are joined; anything else stays JSON. */
export function outputOf(content: Json): ToolOutput {
  if (typeof content === "string") return { type: "text", text: content };
  const texts = listOf(content).map((block) =>
    isJsonObject(block) && typeof block["text"] === "string" ? block["text"] : undefined,
  );
  return Array.isArray(content) && texts.every((it) => it !== undefined)
    ? { type: "text", text: texts.join("\n") }
    : { type: "json", value: content };
}

function textOfOutput(output: ToolOutput): string {
  return output.type === "json" ? JSON.stringify(output.value) : output.text;
}

function fileOf(block: JsonObject, files: Map<string, FoundFile>): FilePart | undefined {
  if (block["type"] !== "image" && block["type"] !== "document") return undefined;
  const source = objectAt(block["source"]);
  const mediaType = stringOf(source["media_type"]);
  if (source["type"] === "url") return fileOfUrl(stringOf(source["url"]), mediaType, files);
  return fileOfBase64(stringOf(source["data"]), mediaType, files);
}

function opaque(block: JsonObject): Part {
  return { type: "opaque", format: "anthropic", value: block };
}
