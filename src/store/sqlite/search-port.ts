import type { SearchPage, SearchQuery } from "../search.ts";
import type { Reader } from "../store.ts";

export interface SearchIndexOptions {
  /** The file with the threads. The index lives beside it: `skein.db` has `skein-search.db`. */
  readonly path: string;
}

/**
 * Full-text search beside the log: rebuildable at any time, with a cursor (an `lsn` of the log) of its own.
 * Synchronous; opens its own connections and may run on another thread than the writer.
 *
 * It learns everything from the log, so that a crash between a commit and `forget` loses nothing: entries of
 * `message.redact` and `thread.purge` take text out, `thread.create` and `thread.set` bring titles. The row of a
 * `thread.purge` entry stays when the rest of its thread goes.
 */
export interface SearchIndex {
  /** Indexes at most `limit` (and 2,000) log rows behind the cursor, in one transaction. Answers how many it took: 0 at
   *  the end. Where text was taken out, calls at the end overwrite it in the file step by step, a few milliseconds
   *  each, and answer 1 until that is done. */
  catchUp(limit: number): number;
  search(reader: Reader, query: SearchQuery): SearchPage;
  /** Log rows that are not indexed yet. */
  lag(): number;
  /** Begins anew, with nothing indexed. */
  reset(): void;
  /** Takes messages out at once, before the log says so. */
  forget(tid: number, messageIds: readonly string[]): void;
  close(): void;
}

/** The signature of `openSearchIndex` in `search-index.ts`. */
export type OpenSearchIndex = (options: SearchIndexOptions) => SearchIndex;
