import { loadIdentity } from "../sql/identity.ts";
import { runPlan } from "./run-plan.ts";
import type { StoreIdentity } from "../sql/identity.ts";
import { IndexFollower } from "./index-follower.ts";
import { localWriter } from "./local-writer.ts";
import { openReader, openWriter } from "./open-connection.ts";
import type { ConnectionOptions } from "./open-connection.ts";
import { Reader } from "./reader.ts";
import type { SlowReader } from "./slow-reader.ts";
import { ThreadIds } from "../sql/thread-ids.ts";
import { Writer } from "./writer.ts";
import type { WriterPort } from "./writer-port.ts";

export interface BackendOptions extends ConnectionOptions {
  readonly threads: boolean;
}

/** An open store: who writes, who reads. */
export interface Backend {
  readonly identity: StoreIdentity;
  readonly writer: WriterPort;
  readonly reader: Reader;
  readonly slowReader: SlowReader;
  close(): Promise<void>;
}

export async function openBackend(options: BackendOptions): Promise<Backend> {
  return options.threads ? openThreads(options) : openLocal(options);
}

/** Everything on the caller's thread, over one connection. */
async function openLocal(options: ConnectionOptions): Promise<Backend> {
  const connection = openWriter(options);
  const ids = new ThreadIds();
  const writer = localWriter(new Writer(connection, ids, options.synchronous === "FULL"));
  const reader = new Reader(connection, ids);
  const follower = new IndexFollower({
    path: options.path,
    rowsWhileBusy: 300,
    rowsWhenHopeless: 50,
  });
  // What a crash left behind.
  await writer.flushListing();
  follower.noteCommit();
  return {
    identity: runPlan(connection, loadIdentity()),
    writer,
    reader,
    slowReader: {
      listThreads: async (who, query) => reader.listThreads(who, query),
      listFeed: async (identity, who, query) => reader.listFeed(identity, who, query),
      search: (who, query) => follower.search(who, query),
      check: async () => {
        const { checkStore } = await import("../sql/check.ts");
        return reader.check(checkStore);
      },
      noteCommit: () => follower.noteCommit(),
      forget: (erased) => follower.forget(erased),
      rebuildIndex: () => follower.rebuild(),
      close: async () => follower.close(),
    },
    close: async () => {
      follower.close();
      await writer.close();
    },
  };
}

/** Writes and slow reads on threads of their own. What takes microseconds is read here. */
async function openThreads(options: ConnectionOptions): Promise<Backend> {
  const [{ threadWriter }, { threadReader }] = await Promise.all([
    import("./thread-writer.ts"),
    import("./thread-reader.ts"),
  ]);
  const writer = await threadWriter(options);
  try {
    await writer.flushListing();
    const connection = openReader(options);
    const reader = new Reader(connection, new ThreadIds());
    const slowReader = threadReader(options);
    slowReader.noteCommit();
    const close = async (): Promise<void> => {
      reader.close();
      await Promise.all([slowReader.close(), writer.close()]);
    };
    return { identity: runPlan(connection, loadIdentity()), writer, reader, slowReader, close };
  } catch (error) {
    await writer.close();
    throw error;
  }
}
