import type { JsonObject } from "./json.ts";
import type { Cost, Usage } from "./usage.ts";

/** What a text stands for the messages of: `context` tells a model what has left its window, `summary` tells people. */
export type CompactionPurpose = "context" | "summary";

/** What a model made of the beginning of a path: of every message down to `messageId`. */
export interface NewCompaction {
  readonly purpose: CompactionPurpose;
  readonly branch: string;
  /** The newest message that it covers, and its depth. */
  readonly messageId: string;
  readonly depth: number;
  /** Messages that it covers. */
  readonly messages: number;
  /** SHA-256, in hex, over what it was made of. */
  readonly source: string;
  /** At most 32,000 characters. */
  readonly text: string;
  /** The same in parts, at most 32 KiB. */
  readonly data?: JsonObject;
  /** How it was asked for; those of different styles do not go on with each other. */
  readonly style?: string;
  /** More was to be covered: the next one goes on with it. */
  readonly isPartial?: true;
  /** The run that needed it, and its step. */
  readonly runId?: string;
  readonly stepId?: string;
  readonly model: string;
  readonly usage?: Usage;
  readonly cost: Cost;
}

/** The same as it stands in the log. */
export interface Compaction extends NewCompaction {
  /** Version of the one before it in this log, 0 for none: so that they are found whatever is between them. */
  readonly previous: number;
}

/** Where a compaction stands, and what it covers: its text is in the entry alone. */
export interface CompactionRef extends Pick<
  NewCompaction,
  "purpose" | "messageId" | "depth" | "style" | "isPartial"
> {
  /** The thread whose log has it: another one for what a fork begins with. */
  readonly threadId: string;
  readonly version: number;
}

/** What a thread's head knows of what models are shown. */
export interface ContextTrack {
  /** Messages that are always shown, oldest pin first. */
  readonly pinned?: readonly string[];
  /** Newest first. None covers a message that was redacted. */
  readonly compactions?: readonly CompactionRef[];
  /** Version of the newest `context.compact` of this log; absent: there is none. */
  readonly last?: number;
}

// Of each purpose; those that cover less serve branches that leave the path earlier.
const COMPACTIONS_KEPT = 6;

/** The compactions with a new one, those of a path that it makes useless left out. */
export function withCompaction(
  known: readonly CompactionRef[],
  added: CompactionRef,
): readonly CompactionRef[] {
  const others = known.filter((other) => !isReplacedBy(other, added));
  const ofPurpose = [added, ...others].filter(({ purpose }) => purpose === added.purpose);
  const kept = new Set(ofPurpose.slice(0, COMPACTIONS_KEPT));
  return [added, ...others].filter((ref) => ref.purpose !== added.purpose || kept.has(ref));
}

/** A part of something is of no use once there is more of it. */
function isReplacedBy(old: CompactionRef, added: CompactionRef): boolean {
  const isSame = old.purpose === added.purpose && old.style === added.style;
  return isSame && (old.messageId === added.messageId || old.isPartial === true);
}
