import type { JsonObject } from "../../model/json.ts";
import type { Role } from "../../model/message.ts";
import type { Part } from "../../model/part.ts";

/** A thread as repositories keep it: one record with all of its messages. */
export interface RepositoryThread {
  readonly id: string;
  readonly userId?: string;
  readonly messages: readonly RepositoryMessage[];
  readonly metadata?: JsonObject;
  readonly createdAt?: Date;
  readonly updatedAt?: Date;
  /** Skein's log of the thread as text: versions, branches, runs. Keep it as it is. A thread that comes back without it, or with other
   *  messages than it says, is taken as its messages are. */
  readonly log?: string;
}

export interface RepositoryMessage {
  readonly id?: string;
  readonly role: Role;
  /** Plain text, or Skein's parts. */
  readonly content: string | readonly Part[];
  readonly author?: string;
}

/** What a custom store has to offer: three functions, and more where it can. */
export interface ThreadRepository {
  /** `null` or `undefined` when there is no such thread. */
  getThread(id: string): Promise<RepositoryThread | null | undefined>;
  /** Must have kept the thread when it resolves: then the caller is told that it is saved. */
  putThread(thread: RepositoryThread): Promise<void>;
  deleteThread(id: string): Promise<void>;
  getUserThreads?(userId: string): Promise<readonly RepositoryThread[]>;
  /** Threads whose `updatedAt` is within the range, inclusive. */
  getThreadsByDateRange?(start: Date, end: Date): Promise<readonly RepositoryThread[]>;
  /** @returns how many were deleted */
  deleteThreadsOlderThan?(cutoff: Date): Promise<number>;
}
