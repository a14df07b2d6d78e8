import type { Reader } from "../key.ts";
import type { FeedQuery, ThreadQuery } from "../query.ts";
import type { SearchQuery } from "../search.ts";
import type { ErasedMessage } from "../sql/batch-log.ts";
import type { StoreIdentity } from "../sql/identity.ts";

/** What the reader's thread is asked. */
export type ReaderRequest =
  | { readonly kind: "list"; readonly reader: Reader; readonly query: ThreadQuery }
  | {
      readonly kind: "feed";
      readonly identity: StoreIdentity;
      readonly reader: Reader;
      readonly query: FeedQuery;
    }
  | { readonly kind: "search"; readonly reader: Reader; readonly query: SearchQuery }
  | { readonly kind: "check" }
  | { readonly kind: "rebuild-index" }
  | { readonly kind: "forget"; readonly erased: readonly ErasedMessage[] }
  /** Something was committed; answers nothing. */
  | { readonly kind: "committed" }
  | { readonly kind: "close" };
