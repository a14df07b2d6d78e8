import type { Cell } from "./cell.ts";
import type { PathEnd } from "./path-statement.ts";

/** What a `ThreadWrite` puts into the tables, flat, so that it can be made on one thread and written on another. */
export interface WriteRecord {
  readonly tenant: string;
  readonly id: string;
  readonly base: number;
  readonly version: number;
  readonly updatedAt: number;
  readonly status: number;
  readonly hot: string;
  /** The last message, where the write leaves it as it was before. */
  readonly kept?: string;
  /** Rows of `entry` behind their thread, in the order of `ENTRY_COLUMNS`. */
  readonly entries: readonly (readonly Cell[])[];
  /** All that a plain append does not need. */
  readonly rare: RareRecord | null;
}

export type ItemRecord = readonly WriteRecord[];
export type ChainRecord = readonly ItemRecord[];

export interface RareRecord {
  readonly profile?: ProfileRecord;
  readonly segments: readonly SegmentRecord[];
  /** Where a fork starts, and the thread and version that it was decided on: `null` where that does not matter. What it starts
   *  with may be of another thread. */
  readonly origin?: PathEnd & {
    readonly from: { readonly id: string; readonly version: number } | null;
  };
  readonly trim?: TrimRecord;
  /** Columns of `run` behind its thread. Ended ones first, so that they let go of their branch. */
  readonly runs: readonly (readonly Cell[])[];
  /** Columns of `step` behind its thread. */
  readonly steps: readonly (readonly Cell[])[];
  /** Name and JSON of branches beside main. */
  readonly branches: readonly (readonly [name: string, head: string])[];
  readonly removedBranches: readonly string[];
  /** Messages that an entry changes, by version. */
  readonly changes: readonly MessageChange[];
  /** Must be free; those with a version are taken by its entry. */
  readonly given: readonly (readonly [id: string, version: number | null])[];
  readonly operation?: OperationRecord;
  readonly blobs: readonly (readonly [sha256: string, messageId: string])[];
  readonly isPurge: boolean;
}

export interface TrimRecord {
  readonly version: number;
  /** Where the branches end that it keeps. */
  readonly ends: readonly PathEnd[];
  /** Present when a trimmed thread comes from elsewhere: what it has of before its log. */
  readonly kept?: readonly KeptRecord[];
  /** Beside `kept`: what else there is of before its log, but for runs. */
  readonly earlier?: {
    readonly given: readonly (readonly [id: string, version: number, place: number])[];
    readonly operations: readonly OperationRecord[];
  };
}

export interface KeptRecord {
  readonly messageId: string;
  readonly version: number;
  /** In the order of `ENTRY_COLUMNS`. */
  readonly entry: readonly Cell[];
  readonly isReleased: boolean;
  readonly segment?: SegmentRecord;
  readonly blobs: RareRecord["blobs"];
}

export interface ProfileRecord {
  /** As `encodeProfile` makes them. */
  readonly columns: readonly Cell[];
  /** Present when somebody else may see the thread now, or in another list. */
  readonly listing?: {
    readonly owner: string;
    /** `null`: in no list. */
    readonly state: number | null;
    readonly members: readonly (readonly [user: string, role: string])[];
  };
}

export interface SegmentRecord {
  readonly number: number;
  readonly startDepth: number;
  readonly parent: {
    readonly threadId: string;
    readonly number: number;
    readonly position: number;
  } | null;
}

export interface MessageChange {
  readonly kind: "commit" | "dequeue" | "annotate" | "quote" | "redact";
  readonly messageId: string;
  readonly version: number;
  /** The merge patch of an annotation, as JSON. */
  readonly values?: string;
}

export interface OperationRecord {
  readonly user: string;
  readonly opId: string;
  readonly digest: string;
  readonly fromVersion: number;
  readonly toVersion: number;
}

/** The columns of `entry` behind `tid`, in the order in which they are encoded. */
export const ENTRY_COLUMNS: readonly string[] = [
  "version",
  "op",
  "at",
  "seg",
  "pos",
  "role",
  "given",
  "op_schema",
  "mid",
  "turn_id",
  "parent_id",
  "op_id",
  "actor",
  "branch",
  "pending",
  "payload",
];
