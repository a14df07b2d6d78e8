import { randomUUID } from "node:crypto";
import { workerData } from "node:worker_threads";
import { SkeinError } from "../../model/error.ts";
import { checkStore } from "../sql/check.ts";
import { openWriter } from "./open-connection.ts";
import type { ConnectionOptions } from "./open-connection.ts";
import type { ChainRecord } from "../sql/records.ts";
import { ThreadIds } from "../sql/thread-ids.ts";
import { serveRequests } from "./worker-server.ts";
import { Writer } from "./writer.ts";
import type { Committed } from "./writer.ts";
import { WriterQueue } from "./writer-queue.ts";
import type { ExclusiveHeads, WriterRequest } from "./writer-requests.ts";

/** The writer's thread: one queue over one connection. */
const options: ConnectionOptions = workerData;

let opened: WriterQueue | undefined;
const exclusive = new Map<string, Exclusive>();

/** An exclusive commit between its halves. */
interface Exclusive {
  readonly decided: PromiseWithResolvers<readonly ChainRecord[] | null>;
  readonly written: PromiseWithResolvers<Committed>;
}

function queue(): WriterQueue {
  if (opened === undefined) {
    const connection = openWriter(options);
    const isFull = options.synchronous === "FULL";
    opened = new WriterQueue(new Writer(connection, new ThreadIds(), isFull));
  }
  return opened;
}

function perform(request: WriterRequest): unknown {
  switch (request.kind) {
    case "open":
      queue();
      return undefined;
    case "commit":
      return queue().run((it) => it.commit(request.chains));
    case "exclusive.begin":
      return beginExclusive(request.keys);
    case "exclusive.end":
      return endExclusive(request.ticket, request.chains);
    case "chunks":
      return queue().run((it) => it.appendChunks(request.key, request.chunks));
    case "blob": {
      const { reader, info, bytes, now } = request;
      return queue().run((it) => it.putBlob(reader, info, bytes, now));
    }
    case "lease.acquire":
      return queue().run((it) => it.acquireLease(request.request));
    case "lease.release":
      return queue().run((it) => it.releaseLease(request.lease));
    case "flush":
      return queue().flushListing();
    case "repair":
      return queue().run((it) => it.repair(checkStore));
    case "data-version":
      return queue().look((it) => it.dataVersion());
    case "close":
      return opened?.close();
  }
}

/** Holds the queue, and with it the lock, until the other thread has decided. */
function beginExclusive(
  keys: Extract<WriterRequest, { kind: "exclusive.begin" }>["keys"],
): Promise<ExclusiveHeads> {
  return new Promise((resolve, reject) => {
    const held: Exclusive = {
      decided: Promise.withResolvers(),
      written: Promise.withResolvers(),
    };
    const writing = queue().hold(async (it): Promise<Committed> => {
      const heads = it.beginExclusive(keys);
      const ticket = randomUUID();
      exclusive.set(ticket, held);
      resolve({ ticket, heads });
      const chains = await held.decided.promise;
      if (chains !== null) return it.commitExclusive(chains);
      it.rollbackExclusive();
      return { results: [], erased: [] };
    });
    writing.then(held.written.resolve, (error: unknown) => {
      // Whoever still waits for the heads, or for the results.
      reject(error);
      held.written.reject(error);
      held.written.promise.catch(() => undefined);
    });
  });
}

function endExclusive(ticket: string, chains: readonly ChainRecord[] | null): Promise<Committed> {
  const held = exclusive.get(ticket);
  exclusive.delete(ticket);
  if (held === undefined)
    throw new SkeinError(
      "internal",
      "The store's thread died while it held the lock. Nothing was written.",
    );
  held.decided.resolve(chains);
  return held.written.promise;
}

serveRequests(perform);
