import type { JsonObject } from "../model/json.ts";
import type { Thread, ThreadStatus } from "../model/thread.ts";

/** Filters of the thread list. All given ones must hold. Order: newest activity first, then id. */
export interface ThreadQuery {
  readonly owner?: string;
  readonly agentId?: string;
  readonly tag?: string;
  /** Every key must have exactly this value. */
  readonly metadata?: JsonObject;
  readonly status?: ThreadStatus;
  /** Default: archived threads are left out; `true` lists only them. */
  readonly archived?: boolean;
  /** Deleted threads instead of living ones. Default false. */
  readonly deleted?: boolean;
  /** Text in the title, whatever its case. */
  readonly title?: string;
  /** Bounds on `updatedAt`, inclusive, in milliseconds. */
  readonly from?: number;
  readonly to?: number;
  readonly limit: number;
  /** Rows to skip behind the cursor. */
  readonly offset?: number;
  /** The last thread of the previous page. */
  readonly after?: ThreadPosition;
}

export interface ThreadPosition {
  readonly updatedAt: number;
  readonly id: string;
}

export interface ThreadPage {
  readonly threads: readonly Thread[];
  /** Where the next page starts; absent on the last one. */
  readonly next?: ThreadPosition;
}

/** Which threads beside one another are asked for. */
export interface RelativesQuery {
  readonly ids: readonly string[];
  /** Those that were forked from one of these, too. */
  readonly forksOf: readonly string[];
  /** At most so many forks. */
  readonly limit: number;
}

export interface FeedQuery {
  /** The cursor of the last event seen; `null` from the beginning. `invalid_cursor` if it is not this store's. */
  readonly after: string | null;
  readonly limit: number;
}

export type FeedEventType =
  | "created"
  | "updated"
  | "archived"
  | "unarchived"
  | "deleted"
  | "undeleted";

export interface FeedEvent {
  readonly cursor: string;
  readonly type: FeedEventType;
  readonly threadId: string;
  /** The version of the entry that caused it. */
  readonly version: number;
  /** The thread's version before what the event stands for, which may be several commits. Absent where the store does not
   *  know it. */
  readonly since?: number;
  /** The header as it is now, which may be newer than `version`. */
  readonly thread: Thread;
}

export interface FeedPage {
  readonly events: readonly FeedEvent[];
  /** Everything up to here was looked at, also what the reader may not see. */
  readonly cursor: string;
  /** False when more may follow at once. */
  readonly isAtEnd: boolean;
  /** At the end: there are commits whose place in the order is not settled, because of transactions that began before them
   *  and are still under way. They follow soon, and nobody tells when. */
  readonly isUnsettled?: boolean;
}
