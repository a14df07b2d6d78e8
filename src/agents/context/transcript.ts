import { shorten } from "../../model/elide-outputs.ts";
import { estimateMessageTokens, outputText } from "../../model/message-tokens.ts";
import { isInstruction } from "../../model/message.ts";
import type { Message } from "../../model/message.ts";
import type { Part } from "../../model/part.ts";

// What a tool was given and what it answered matters less than what was said of it.
const CALL_CHARACTERS = 500;
const RESULT_CHARACTERS = 1_000;
const CHARACTERS_PER_TOKEN = 4;

/** Messages as a text for a model that sums them up, a paragraph each. One message takes half of `tokens` at most. Empty for
 *  what has nothing to say: instructions, redacted messages. */
export function transcriptOf(messages: readonly Message[], tokens: number): string {
  const most = Math.floor((tokens * CHARACTERS_PER_TOKEN) / 2);
  return messages
    .map((message) => paragraphOf(message, most))
    .filter((paragraph) => paragraph !== "")
    .join("\n\n");
}

/** Tokens that a message takes in a transcript, estimated. */
export function transcriptTokens(message: Message, tokens: number): number {
  const words = transcriptOf([message], tokens);
  return estimateMessageTokens({ parts: [{ type: "text", text: words }] }) + 1;
}

function paragraphOf(message: Message, most: number): string {
  if (message.redacted === true || isInstruction(message.role)) return "";
  const lines = message.parts.map(lineOf).filter((line) => line !== "");
  if (lines.length === 0) return "";
  const name = message.author?.name ?? message.author?.id;
  const speaker = name === undefined ? message.role : `${message.role} ${JSON.stringify(name)}`;
  return shorten(`${speaker}: ${lines.join("\n")}`, most);
}

function lineOf(part: Part): string {
  switch (part.type) {
    case "text":
    case "refusal":
      return part.text;
    case "tool-call":
      return `[calls ${part.name} with ${shorten(part.inputText, CALL_CHARACTERS)}]`;
    case "tool-result":
      return `[${part.name} ${part.outcome}: ${shorten(outputText(part.output), RESULT_CHARACTERS)}]`;
    case "file":
      return `[file ${part.filename ?? part.mediaType}]`;
    default:
      return "";
  }
}
