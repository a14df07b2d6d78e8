import type { JsonObject } from "../../model/json.ts";
import type { Thread } from "../../model/thread.ts";
import type { CallOptions, WriteOptions } from "../call.ts";

export interface LinkInput {
  /** What the other thread is to this one: `summary`, `sub-agent`, `continuation`, `mention`, `related`, or a word of the
   *  caller's own, at most 125 of `[A-Za-z0-9._:-]`; or the other side of it, such as `summary-of`. */
  readonly kind: string;
  /** The other thread. */
  readonly threadId: string;
  /** At most 4 KiB, the same on both sides. */
  readonly data?: JsonObject;
}

export interface RelatedInput {
  /** What is followed, as the thread says it that one comes from: `summary` leads to summaries, `summary-of` from them to
   *  what they are of. Default: everything. */
  readonly kinds?: readonly string[];
  /** Links between a thread and the first one, 1 to 100, default 10. */
  readonly depth?: number;
  /** Threads in the answer, 1 to 1,000, default 200. */
  readonly limit?: number;
}

/** A link between two threads, from the one that was there first to what was made of it. */
export interface ThreadEdge {
  readonly from: string;
  readonly to: string;
  /** What `to` is to `from`: `summary`, `sub-agent`, `fork`, `continuation`, … */
  readonly kind: string;
  readonly data?: JsonObject;
}

export interface RelatedThreads {
  /** The thread itself, then the others, nearest first. */
  readonly threads: readonly Thread[];
  /** Between any two of them, of the kinds that are followed. */
  readonly edges: readonly ThreadEdge[];
  /** False when `limit` left threads out. */
  readonly isComplete: boolean;
}

/** What stands next to a thread. */
export interface ThreadRelationships {
  readonly thread: Thread;
  /** Whose task it does; else what it summarises, continues or was forked from. */
  readonly parent: Thread | null;
  readonly summaries: readonly Thread[];
  /** Threads of its sub-agents, its forks and its continuation. */
  readonly children: readonly Thread[];
}

export interface ContinueInput {
  /** What the new thread has to know of the old one: its first message, of the role `system`. */
  readonly summary?: string;
  /** Id of the new thread. */
  readonly id?: string;
  /** Default: the old one's. */
  readonly title?: string;
}

/** What threads are to one another. A link stands in both threads, or in neither. */
export interface RelationCalls {
  /** Links two threads; nothing happens if they are. Takes the right to write to both.
   *  @throws SkeinError  `thread_not_found`, `forbidden` and `thread_deleted` for either; `link_cycle` if a summary, sub-agent or
   *  continuation would be an ancestor of itself; `limit_exceeded` above 1,000 links, or 100 generations of ancestors */
  link(threadId: string, input: LinkInput, options?: WriteOptions): Promise<Thread>;
  /** Takes a link out of both threads; nothing happens if there is none. Takes the right to write to both, unless the other one
   *  was purged. What a thread was made as, a fork or somebody's sub-agent, it stays: `invalid_request`. */
  unlink(
    threadId: string,
    input: Pick<LinkInput, "kind" | "threadId">,
    options?: WriteOptions,
  ): Promise<Thread>;
  /** The threads around a thread, as far as the caller may see them; deleted ones are left out, and what only they lead to.
   *  Costs one read for each step away from the thread, of at most 1,000 links and `limit` forks. */
  related(threadId: string, input?: RelatedInput, options?: CallOptions): Promise<RelatedThreads>;
  /** What stands next to a thread, by what it is; without those that the caller may not see and deleted ones. One read. */
  getRelatedThreads(threadId: string, options?: CallOptions): Promise<ThreadRelationships>;
  /** Makes a thread with a summary of another one, `Summary: …`, as its only message, said by the assistant. It belongs and shows
   *  to whom the other does. In the same commit the other one gets the link, and in its metadata `summary` (the first 4,000
   *  characters), `summarized_at` and `summaryThreads`, the newest 100; the summary has `originThreadID`. */
  createSummaryThread(threadId: string, summary: string, options?: WriteOptions): Promise<Thread>;
  /** Goes on in a new thread, and archives the old one in the same commit. The new one has the old one's owner, members, agent,
   *  tags, title and metadata, and `previous_thread` in it.
   *  @throws SkeinError  `run_active` while runs have not ended; `thread_continued` if it was continued before */
  continueThread(threadId: string, input?: ContinueInput, options?: WriteOptions): Promise<Thread>;
}
