import type { MessageBody } from "../../../model/message.ts";
import { type FilePart, type ToolResultPart, textOf } from "../../../model/part.ts";
import type { ModelTool } from "../model.ts";

export interface Statement {
  readonly speakerId: string;
  /** How others know the speaker; `undefined` when the message has no author. */
  readonly speakerName: string | undefined;
  readonly text: string;
}

/** What the rules look at. */
export interface Conversation {
  /** Everything that people said, oldest first; the last one is to be answered. */
  readonly statements: readonly Statement[];
  readonly current: Statement;
  /** Files of the message to be answered, with their text where it is text. */
  readonly files: readonly DemoFile[];
  /** Results that arrived after the last user message. */
  readonly results: readonly ToolResultPart[];
  readonly system: string;
  readonly tools: readonly ModelTool[];
}

export interface DemoFile {
  readonly part: FilePart;
  readonly text: string | undefined;
}

// The rules are regular expressions, some of them quadratic; what is said matters at its beginning.
const READ_LIMIT = 4_000;

const NOBODY: Statement = { speakerId: "", speakerName: undefined, text: "" };

export function readConversation(
  messages: readonly MessageBody[],
  files: readonly DemoFile[],
  system: string | undefined,
  tools: readonly ModelTool[],
): Conversation {
  const statements: Statement[] = [];
  const results: ToolResultPart[] = [];
  const systemTexts = system === undefined ? [] : [system];
  for (const message of messages) {
    if (message.role === "user") {
      statements.push(toStatement(message));
      results.length = 0;
    } else if (message.role === "system" || message.role === "developer") {
      systemTexts.push(textOf(message.parts));
    }
    for (const part of message.parts) if (part.type === "tool-result") results.push(part);
  }
  return {
    statements,
    current: statements.at(-1) ?? NOBODY,
    files,
    results,
    system: systemTexts.join("\n"),
    tools,
  };
}

/** The people who spoke, in the order in which they first did. */
export function speakersOf(statements: readonly Statement[]): readonly string[] {
  return [...new Set(statements.map(({ speakerId }) => speakerId))];
}

/** Sentences, without those that ask. */
export function assertionsOf(text: string): readonly string[] {
  return sentencesOf(text).filter((sentence) => !sentence.endsWith("?"));
}

export function sentencesOf(text: string): readonly string[] {
  return text
    .replaceAll("’", "'")
    .split(/(?<=[.!?])\s+|\n+/)
    .map((sentence) => sentence.trim())
    .filter((sentence) => sentence !== "");
}

function toStatement({ author, parts }: MessageBody): Statement {
  const text = parts.map((part) => (part.type === "text" ? part.text : "")).join(" ");
  return {
    speakerId: author?.id ?? "",
    speakerName: author === undefined ? undefined : (author.name ?? author.id),
    text: text.slice(0, READ_LIMIT).trim(),
  };
}
