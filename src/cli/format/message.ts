import type { Message } from "../../model/message.ts";
import type { FileSource, Part, ToolOutput } from "../../model/part.ts";
import type { Paint } from "../color.ts";
import { bytes, time } from "./figures.ts";
import { oneLine, printable } from "./printable.ts";

const NOTE_CHARACTERS = 200;

/** A message as a block of lines: who, when, which, and what. */
export function messageBlock(message: Message, { bold, dim, bad }: Paint): string {
  const state =
    message.status === "completed"
      ? ""
      : ` ${bad(message.reason === undefined ? message.status : `${message.status}: ${message.reason}`)}`;
  const head = `${bold(speaker(message))}  ${dim(`${time(message.createdAt)}  ${message.id}`)}${state}`;
  if (message.redacted === true) return `${head}\n${dim("redacted")}`;
  const body = message.parts.map((part) => partLine(part, dim)).filter(Boolean);
  return [head, ...body].join("\n");
}

function speaker({ author, role }: Message): string {
  return author === undefined ? role : oneLine(author.name ?? author.id, 40);
}

/** One line for a part that is not text; `undefined` for parts that people do not read. */
export function partNote(part: Part): string | undefined {
  switch (part.type) {
    case "tool-call":
      return `→ ${oneLine(`${part.name} ${part.inputText}`, NOTE_CHARACTERS)}`;
    case "tool-result":
      return `← ${oneLine(`${part.name} ${part.outcome}: ${outputText(part.output)}`, NOTE_CHARACTERS)}`;
    case "file":
      return `[${oneLine(`${part.filename ?? "file"} ${part.mediaType}${sizeOf(part.source)}`, NOTE_CHARACTERS)}]`;
    case "source":
      return `[${oneLine(part.title ?? part.url ?? "source", NOTE_CHARACTERS)}]`;
    case "error":
      return `! ${oneLine(part.message, NOTE_CHARACTERS)}`;
    default:
      return undefined;
  }
}

function partLine(part: Part, dim: (value: string) => string): string {
  if (part.type === "text" || part.type === "refusal") return printable(part.text);
  const note = partNote(part);
  return note === undefined ? "" : dim(note);
}

function outputText(output: ToolOutput): string {
  return output.type === "json" ? JSON.stringify(output.value) : output.text;
}

function sizeOf(source: FileSource): string {
  if (source.kind === "blob") return ` ${bytes(source.sizeBytes)}`;
  return source.kind === "url" ? ` ${source.url}` : "";
}
