import { workerData } from "node:worker_threads";
import { checkStore } from "./check.ts";
import { IndexFollower } from "./index-follower.ts";
import { openReader } from "./open-connection.ts";
import type { ConnectionOptions } from "./open-connection.ts";
import { Reader } from "./reader.ts";
import type { ReaderRequest } from "./reader-requests.ts";
import { ThreadIds } from "./thread-ids.ts";
import { serveRequests } from "./worker-server.ts";

/** The reader's thread: queries that may take long, and the search index. */
const options: ConnectionOptions = workerData;

const connection = openReader(options);
const reader = new Reader(connection, new ThreadIds(connection));
const follower = new IndexFollower({
  path: options.path,
  rowsWhileBusy: 500,
  rowsWhenHopeless: 500,
});

function perform(request: ReaderRequest): unknown {
  switch (request.kind) {
    case "list":
      return reader.listThreads(request.reader, request.query);
    case "search":
      return follower.search(request.reader, request.query);
    case "check":
      return reader.check(checkStore);
    case "forget":
      return follower.forget(request.erased);
    case "committed":
      return follower.noteCommit();
    case "close":
      follower.close();
      return reader.close();
  }
}

serveRequests(perform);
