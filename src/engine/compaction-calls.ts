import type { NewCompaction } from "../model/compaction.ts";
import type { JsonObject } from "../model/json.ts";
import type { Thread, ThreadHead } from "../model/thread.ts";
import type { CallOptions, WriteOptions } from "./call.ts";

/** What those work with who show a thread to models. */
export interface CompactionCalls {
  /** All that the log comes to: header, branches, what was pinned and summed up. With `at` as it was at this version, which costs
   *  a reading of the log up to there. */
  loadHead(threadId: string, options?: CallOptions & { readonly at?: number }): Promise<ThreadHead>;
  /** Notes in the log what a model made of the beginning of a path, and, in the same commit, merges into the metadata.
   *  @throws SkeinError  `limit_exceeded` above 32,000 characters or 32 KiB of data, `metadata_too_large` */
  recordCompaction(
    threadId: string,
    input: { readonly compaction: NewCompaction; readonly metadata?: JsonObject },
    options?: WriteOptions,
  ): Promise<Thread>;
}
