import type { ThreadHead } from "../../model/thread.ts";
import type { CheckReport } from "../store.ts";
import type { LeaseAnswer } from "../sql/leases.ts";
import type { ConnectionOptions } from "./open-connection.ts";
import type { ChainRecord } from "../sql/records.ts";
import { WorkerClient } from "./worker-client.ts";
import type { Committed } from "./writer.ts";
import type { WriterPort } from "./writer-port.ts";
import type { ExclusiveHeads, WriterRequest } from "./writer-requests.ts";

/** A writer on a thread of its own. Resolves when the file is open and migrated. */
export async function threadWriter({ path, synchronous }: ConnectionOptions): Promise<WriterPort> {
  const worker = new WorkerClient<WriterRequest>("writer-worker", { path, synchronous });
  try {
    await worker.request({ kind: "open" });
  } catch (error) {
    await worker.end();
    throw error;
  }
  return {
    commit: (chains) => worker.request<Committed>({ kind: "commit", chains }),
    commitExclusive: (keys, decide) => commitExclusive(worker, keys, decide),
    appendChunks: (key, chunks) => worker.request({ kind: "chunks", key, chunks }),
    putBlob: (reader, info, bytes, now) =>
      worker.request({ kind: "blob", reader, info, bytes, now }),
    acquireLease: (request) => worker.request<LeaseAnswer>({ kind: "lease.acquire", request }),
    releaseLease: (lease) => worker.request({ kind: "lease.release", lease }),
    flushListing: () => worker.request({ kind: "flush" }),
    repair: () => worker.request<CheckReport>({ kind: "repair" }),
    dataVersion: async () => {
      const version = await worker.request<number>({ kind: "data-version" });
      // Versions of one connection say nothing about those of the next.
      return version + worker.starts * 2 ** 32;
    },
    close: () => worker.end({ kind: "close" }),
  };
}

async function commitExclusive(
  worker: WorkerClient<WriterRequest>,
  keys: Parameters<WriterPort["commitExclusive"]>[0],
  decide: (heads: readonly (ThreadHead | null)[]) => readonly ChainRecord[],
): Promise<Committed> {
  const { ticket, heads } = await worker.request<ExclusiveHeads>({ kind: "exclusive.begin", keys });
  let chains: readonly ChainRecord[];
  try {
    chains = decide(heads);
  } catch (error) {
    await worker.request({ kind: "exclusive.end", ticket, chains: null });
    throw error;
  }
  return worker.request<Committed>({ kind: "exclusive.end", ticket, chains });
}
