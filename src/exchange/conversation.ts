import type { JsonObject } from "../model/json.ts";
import type { Author, Role } from "../model/message.ts";
import type { Part } from "../model/part.ts";
import type { Usage } from "../model/usage.ts";

/** Whose files Skein reads. */
export type SourceFormat =
  | "chatgpt"
  | "claude"
  | "claude-code"
  | "codex"
  | "dive"
  | "librechat"
  | "open-webui";

/** A message as its source tells it. What is missing there is missing here. */
export interface SourceMessage {
  /** As the source has it; unique in its conversation. */
  readonly id: string;
  /** A message, or something that was left out and is in `skipped`; anything else counts as `null`. */
  readonly parentId: string | null;
  readonly role: Role;
  readonly parts: readonly Part[];
  /** Milliseconds since the epoch. */
  readonly createdAt?: number;
  readonly author?: Author;
  readonly model?: string;
  readonly usage?: Usage;
  readonly isIncomplete?: boolean;
  readonly metadata?: JsonObject;
}

export interface Conversation {
  readonly format: SourceFormat;
  /** As the source has it. */
  readonly id: string;
  readonly title?: string;
  readonly createdAt?: number;
  readonly messages: readonly SourceMessage[];
  /** What the source keeps between messages and is not brought: id → what it follows. */
  readonly skipped?: ReadonlyMap<string, string | null>;
  /** The message at the end of the path that the source shows. Default: the last that nothing follows. */
  readonly headId?: string;
  readonly tags?: readonly string[];
  readonly isArchived?: boolean;
  /** Default `main`. */
  readonly kind?: string;
  readonly metadata?: JsonObject;
  readonly files: FoundFiles;
}

/** Bytes that stood in the source, by SHA-256. */
export type FoundFiles = ReadonlyMap<string, FoundFile>;

export interface FoundFile {
  readonly sha256: string;
  readonly sizeBytes: number;
  readonly mediaType: string;
  readonly base64: string;
}

/** What could not be brought, and why. */
export interface ExchangeProblem {
  readonly file: string;
  /** Line of a file of lines, index (from 1) in a list; absent when it is the file as a whole. */
  readonly at?: number;
  /** The conversation's id in its source. */
  readonly id?: string;
  readonly reason: string;
}
