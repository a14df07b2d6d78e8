import type { JsonObject } from "./json.ts";
import type { Part } from "./part.ts";
import type { Cost, Usage } from "./usage.ts";

export type Role = "system" | "developer" | "user" | "assistant" | "tool";

export type MessageStatus = "queued" | "in_progress" | "completed" | "incomplete" | "failed";

/** Why a message is `incomplete` or `failed`. */
export type MessageReason =
  | "cancelled"
  | "max_tokens"
  | "content_filter"
  | "requires_action"
  | "crashed"
  | "error";

/** Who said it: a person or an agent, by name. */
export interface Author {
  readonly kind: "user" | "agent";
  readonly id: string;
  readonly name?: string;
}

/** What a message says, without its place. Immutable once its status is final. */
export interface MessageBody {
  readonly id: string;
  readonly role: Role;
  readonly author?: Author;
  readonly status: MessageStatus;
  readonly reason?: MessageReason;
  readonly parts: readonly Part[];
  readonly runId?: string;
  readonly stepId?: string;
  /** Provider and model that wrote it, for example `openai/gpt-5`. */
  readonly model?: string;
  readonly usage?: Usage;
  readonly cost?: Cost;
  readonly metadata?: JsonObject;
  /** When the author wrote it, by the author's clock; for display only. */
  readonly composedAt?: number;
  /** The message that this one replaces. */
  readonly editOf?: string;
}

/** A segment is a run of messages written one after another by one thread; branches share segments. */
export interface SegmentRef {
  /** The thread that wrote the segment's messages: another one when this thread is a fork. */
  readonly threadId: string;
  /** 0, 1, 2 … in the order in which the thread opened them. */
  readonly number: number;
}

/** Where a message stands in the tree. */
export interface Place {
  readonly branch: string;
  readonly segment: SegmentRef;
  /** 1-based within the segment. */
  readonly position: number;
  readonly parentId: string | null;
  /** 0 for a root message; the path from the root has `depth + 1` messages. */
  readonly depth: number;
  /** Id of the turn's first message. */
  readonly turnId: string;
  /** Tool calls on the path that are still unanswered after this message. */
  readonly pending: readonly string[];
  /** Present on the first message of a segment that continues another one. */
  readonly continues?: { readonly segment: SegmentRef; readonly position: number };
}

/** Where a path begins since it was trimmed. Above it only system and developer messages are left. */
export interface Floor {
  /** The first message that was kept whatever its role, and its place. */
  readonly messageId: string;
  readonly segment: SegmentRef;
  readonly position: number;
  readonly depth: number;
  /** Messages above it that are gone. */
  readonly trimmed: number;
}

/** The end of a path. With a floor the path has, above it, only system and developer messages. */
export interface PathEnd {
  readonly segment: SegmentRef;
  readonly position: number;
  readonly floor?: Floor;
}

/** A message as it is read. */
export interface Message extends MessageBody {
  readonly threadId: string;
  /** Stays as it was when the parent is trimmed. */
  readonly parentId: string | null;
  readonly turnId: string;
  /** `null` while queued. */
  readonly depth: number | null;
  /** The version of the thread at which it took its place (or was queued). */
  readonly version: number;
  /** Milliseconds since the epoch, UTC, by the server's clock. */
  readonly createdAt: number;
  /** The payload was erased; only its digest is kept. */
  readonly redacted?: true;
}

/** A message as a caller gives it. */
export interface NewMessage {
  readonly id: string;
  /** True when the caller chose the id: then it is checked against every id of the tenant. */
  readonly isGivenId?: boolean;
  readonly role: Role;
  readonly parts: readonly Part[];
  readonly author?: Author;
  readonly status?: "completed" | "incomplete" | "failed";
  readonly reason?: MessageReason;
  readonly model?: string;
  readonly usage?: Usage;
  readonly cost?: Cost;
  readonly metadata?: JsonObject;
  readonly composedAt?: number;
  readonly runId?: string;
  readonly stepId?: string;
}

/** True for what tells the model how to behave: never trimmed while a branch leads to it. */
export function isInstruction(role: Role): boolean {
  return role === "system" || role === "developer";
}

export function isFinal(status: MessageStatus): boolean {
  return status === "completed" || status === "incomplete" || status === "failed";
}
