import type { MessageBody } from "./message.ts";
import type { Part } from "./part.ts";

// The usual rule of thumb for English text and code; models count differently, so it is an estimate.
const UNITS_PER_TOKEN = 4;
// What providers charge for a picture of ordinary size, within a factor of two.
const TOKENS_PER_FILE = 1_000;
// What the formats of providers put around a message.
const TOKENS_PER_MESSAGE = 4;

export type CountTokens = (text: string) => number;

/** A rough count of the tokens of a message. */
export function estimateMessageTokens(message: Pick<MessageBody, "parts">): number {
  let units = 0;
  for (const part of message.parts) units += wordsOf(part).length;
  return filesIn(message) * TOKENS_PER_FILE + Math.ceil(units / UNITS_PER_TOKEN);
}

/** The tokens of a message, counted by a tokenizer where there is one. Files are estimated. */
export function messageTokens(
  message: Pick<MessageBody, "parts">,
  count: CountTokens | undefined,
): number {
  if (count === undefined) return estimateMessageTokens(message);
  const words = message.parts.map(wordsOf).join("");
  return filesIn(message) * TOKENS_PER_FILE + TOKENS_PER_MESSAGE + count(words);
}

/** What of a part a model reads as text. */
function wordsOf(part: Part): string {
  switch (part.type) {
    case "text":
    case "refusal":
    case "reasoning":
      return part.text;
    case "tool-call":
      return part.name + part.inputText;
    case "tool-result":
      return outputText(part.output);
    case "file":
      return part.source.kind === "text" ? part.source.text : "";
    default:
      return "";
  }
}

/** A tool's output as text. */
export function outputText(output: Extract<Part, { type: "tool-result" }>["output"]): string {
  return output.type === "json" ? JSON.stringify(output.value) : output.text;
}

function filesIn({ parts }: Pick<MessageBody, "parts">): number {
  return parts.filter((part) => part.type === "file" && part.source.kind !== "text").length;
}
