import type { FeedPage, ThreadPage } from "../query.ts";
import type { SearchPage } from "../search.ts";
import type { CheckReport } from "../store.ts";
import type { ConnectionOptions } from "./open-connection.ts";
import type { ReaderRequest } from "./reader-requests.ts";
import type { SlowReader } from "./slow-reader.ts";
import { WorkerClient } from "./worker-client.ts";

/** The index needs to hear of commits only so often. */
const NOTICE_MS = 50;

/** Slow queries on a thread of their own, for a file that is open already. The thread starts when it is needed. */
export function threadReader({ path, synchronous }: ConnectionOptions): SlowReader {
  const worker = new WorkerClient<ReaderRequest>("reader-worker", { path, synchronous });
  let notice: NodeJS.Timeout | undefined;
  let isClosed = false;
  return {
    listThreads: (reader, query) => worker.request<ThreadPage>({ kind: "list", reader, query }),
    listFeed: (identity, reader, query) =>
      worker.request<FeedPage>({ kind: "feed", identity, reader, query }),
    search: (reader, query) => worker.request<SearchPage>({ kind: "search", reader, query }),
    check: () => worker.request<CheckReport>({ kind: "check" }),
    rebuildIndex: () => worker.request<void>({ kind: "rebuild-index" }),
    forget: (erased) => worker.request({ kind: "forget", erased }),
    noteCommit: () => {
      notice ??= setTimeout(() => {
        notice = undefined;
        if (!isClosed) worker.post({ kind: "committed" });
      }, NOTICE_MS).unref();
    },
    close: async () => {
      isClosed = true;
      clearTimeout(notice);
      await worker.end({ kind: "close" });
    },
  };
}
