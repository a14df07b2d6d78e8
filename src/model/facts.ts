import type { Floor, MessageStatus, PathEnd, Place, Role, SegmentRef } from "./message.ts";
import type { LastMessage } from "./thread.ts";

/** Something beyond the head that a command depends on. */
export type Need =
  /** A message of the thread (or of what a fork includes), and whether it is on the path that ends at `on`. With `holders`
   *  also who else has it; with `floors`, the thread's, where its path begins. */
  | {
      readonly kind: "message";
      readonly id: string;
      readonly holders?: true;
      readonly floors?: readonly Floor[];
      readonly on?: PathEnd;
    }
  /** Who uses these caller-chosen message ids in the tenant. */
  | { readonly kind: "given"; readonly ids: readonly string[] }
  | { readonly kind: "operation"; readonly user: string; readonly opId: string };

export interface MessageFact {
  readonly id: string;
  readonly role: Role;
  readonly status: MessageStatus;
  readonly isRedacted: boolean;
  /** `null` while queued. */
  readonly place: Omit<Place, "branch" | "continues"> | null;
  /** The deepest of the floors asked for that is at or above it on its path. Absent: its path has none. */
  readonly floor?: Floor;
  /** Where its parent stands, to cut before it; `null` for a root message, while queued, and when the parent stands above the
   *  floor. Of a message that a trim kept for its instructions alone, this and `lastMessage` may say less than there is. */
  readonly parent: {
    readonly segment: SegmentRef;
    readonly position: number;
    readonly turnId: string;
    /** Like `lastMessage` below, for the parent. */
    readonly lastMessage: LastMessage | null;
  } | null;
  /** True when it stands on the path asked for. */
  readonly isOnPath: boolean;
  /** Newest user or assistant text at or before it, looked for in at most 50 ancestors that were not trimmed. */
  readonly lastMessage: LastMessage | null;
  /** Present when asked for: the ids of the threads that have the message. The one that wrote it comes first, then the forks
   *  that include it, in the order of their creation. Deleted threads count; purged ones, and those that were trimmed of
   *  it, do not. */
  readonly holders?: readonly string[];
}

interface InThread {
  readonly key: { readonly tenant: string; readonly id: string };
}

export interface GivenId extends InThread {
  readonly version: number;
}

/** A command that was carried out before under the caller's key. */
export interface DoneOperation extends InThread {
  readonly user: string;
  readonly opId: string;
  readonly digest: string;
  readonly fromVersion: number;
  readonly toVersion: number;
}

export interface Facts {
  readonly messages: Readonly<Record<string, MessageFact | null>>;
  readonly given: Readonly<Record<string, GivenId | null>>;
  readonly operation: DoneOperation | null;
}

export const NO_FACTS: Facts = { messages: {}, given: {}, operation: null };
