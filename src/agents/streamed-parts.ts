import type { Json } from "../model/json.ts";
import type { Part } from "../model/part.ts";
import type { Chunk } from "../store/chunk.ts";

/** A piece of a part as a model streams it. */
export type Piece = Pick<Chunk, "part" | "kind" | "callId" | "name" | "text">;

/** What was streamed so far of each part, by its index. */
export type StreamedParts = Map<number, Piece>;

export function addPiece(parts: StreamedParts, piece: Piece): void {
  const old = parts.get(piece.part);
  parts.set(piece.part, old === undefined ? piece : { ...old, text: old.text + piece.text });
}

/** The parts of a message whose writing broke off. Every part keeps its index. */
export function partsOf(streamed: StreamedParts): readonly Part[] {
  const last = Math.max(-1, ...streamed.keys());
  return Array.from({ length: last + 1 }, (_, index) => partOf(streamed.get(index)));
}

/** The parts that the newest attempt wrote, and the attempt's number. */
export function newestAttempt(chunks: readonly Chunk[]): readonly Part[] {
  const attempt = Math.max(0, ...chunks.map((chunk) => chunk.attempt));
  const streamed: StreamedParts = new Map();
  for (const chunk of chunks) if (chunk.attempt === attempt) addPiece(streamed, chunk);
  return partsOf(streamed);
}

/** The parts of a finished step with the text that readers were sent, so that both agree to the character. */
export function asStreamed(parts: readonly Part[], streamed: StreamedParts): readonly Part[] {
  return parts.map((part, index) => {
    const sent = streamed.get(index)?.text ?? "";
    if (part.type === "tool-call")
      return part.inputText.startsWith(sent) ? part : { ...part, inputText: sent };
    const isText = part.type === "text" || part.type === "refusal" || part.type === "reasoning";
    return isText && !part.text.startsWith(sent) ? { ...part, text: sent } : part;
  });
}

/** Text that every store keeps as it is: without NUL and halves of surrogate pairs, and as long as before. */
export function storableText(text: string): string {
  return text.toWellFormed().replaceAll("\0", "\uFFFD");
}

function partOf(piece: Piece | undefined): Part {
  // A part that streams nothing, such as a file, arrives only with the end of the step.
  if (piece === undefined) return { type: "text", text: "" };
  if (piece.kind !== "tool-input") return { type: piece.kind, text: piece.text };
  const input = parsed(piece.text);
  return {
    type: "tool-call",
    callId: piece.callId ?? "",
    name: piece.name ?? "",
    inputText: piece.text,
    ...(input !== undefined && { input }),
  };
}

function parsed(text: string): Json | undefined {
  try {
    const value: Json = JSON.parse(text);
    return value;
  } catch {
    return undefined;
  }
}
