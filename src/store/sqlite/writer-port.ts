import type { ThreadHead } from "../../model/thread.ts";
import type { BlobInfo } from "../blob.ts";
import type { Chunk } from "../chunk.ts";
import type { Reader, ThreadKey } from "../key.ts";
import type { Lease } from "../lease.ts";
import type { CheckReport } from "../store.ts";
import type { LeaseAnswer, LeaseRequest } from "../sql/leases.ts";
import type { ChainRecord } from "../sql/records.ts";
import type { Committed } from "./writer.ts";

/** Whatever changes the file, on this thread or on another one. */
export interface WriterPort {
  commit(chains: readonly ChainRecord[]): Promise<Committed>;
  commitExclusive(
    keys: readonly ThreadKey[],
    decide: (heads: readonly (ThreadHead | null)[]) => readonly ChainRecord[],
  ): Promise<Committed>;
  appendChunks(key: ThreadKey, chunks: readonly Chunk[]): Promise<void>;
  putBlob(reader: Reader, info: BlobInfo, bytes: Uint8Array, now: number): Promise<void>;
  acquireLease(request: LeaseRequest): Promise<LeaseAnswer>;
  releaseLease(lease: Lease): Promise<void>;
  flushListing(): Promise<void>;
  repair(): Promise<CheckReport>;
  /** Changes whenever another process commits. */
  dataVersion(): Promise<number>;
  close(): Promise<void>;
}
