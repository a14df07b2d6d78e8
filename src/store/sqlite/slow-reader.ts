import type { Reader as Who } from "../key.ts";
import type { FeedPage, FeedQuery, ThreadPage, ThreadQuery } from "../query.ts";
import type { SearchPage, SearchQuery } from "../search.ts";
import type { CheckReport } from "../store.ts";
import type { ErasedMessage } from "../sql/batch-log.ts";
import type { StoreIdentity } from "../sql/identity.ts";

/** Queries that may take long: on this thread or on another one. */
export interface SlowReader {
  listThreads(who: Who, query: ThreadQuery): Promise<ThreadPage>;
  listFeed(identity: StoreIdentity, who: Who, query: FeedQuery): Promise<FeedPage>;
  search(who: Who, query: SearchQuery): Promise<SearchPage>;
  check(): Promise<CheckReport>;
  /** Told after each commit, so that the search index follows. */
  noteCommit(): void;
  /** Takes redacted messages out of the search index. */
  forget(erased: readonly ErasedMessage[]): Promise<void>;
  /** Throws the search index away and makes it anew, now. */
  rebuildIndex(): Promise<void>;
  close(): Promise<void>;
}
