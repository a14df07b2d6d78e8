import { workerData } from "node:worker_threads";
import { checkStore } from "../sql/check.ts";
import { IndexFollower } from "./index-follower.ts";
import { openReader } from "./open-connection.ts";
import type { ConnectionOptions } from "./open-connection.ts";
import { Reader } from "./reader.ts";
import type { ReaderRequest } from "./reader-requests.ts";
import { ThreadIds } from "../sql/thread-ids.ts";
import { serveRequests } from "./worker-server.ts";

/** The reader's thread: queries that may take long, and the search index. */
const options: ConnectionOptions = workerData;

let opened: Reader | undefined;
const follower = new IndexFollower({
  path: options.path,
  rowsWhileBusy: 500,
  rowsWhenHopeless: 0,
});
// What a thread before this one left.
follower.noteCommit();

/** Opened by the first request, which gets the error if that fails. */
function reader(): Reader {
  if (opened === undefined) {
    const connection = openReader(options);
    opened = new Reader(connection, new ThreadIds());
  }
  return opened;
}

function perform(request: ReaderRequest): unknown {
  switch (request.kind) {
    case "list":
      return reader().listThreads(request.reader, request.query);
    case "feed":
      return reader().listFeed(request.identity, request.reader, request.query);
    case "search":
      return follower.search(request.reader, request.query);
    case "check":
      return reader().check(checkStore);
    case "rebuild-index":
      return follower.rebuild();
    case "forget":
      return follower.forget(request.erased);
    case "committed":
      return follower.noteCommit();
    case "close":
      follower.close();
      return opened?.close();
  }
}

serveRequests(perform);
