import type { BlobInfo } from "../blob.ts";
import type { Chunk } from "../chunk.ts";
import type { Reader, ThreadKey } from "../key.ts";
import type { Lease } from "../lease.ts";
import type { LeaseRequest } from "./leases.ts";
import type { ChainRecord } from "./records.ts";

/** What the writer's thread is asked. */
export type WriterRequest =
  | { readonly kind: "open" }
  | { readonly kind: "commit"; readonly chains: readonly ChainRecord[] }
  /** Answers the heads and keeps the lock until `exclusive.end`. */
  | { readonly kind: "exclusive.begin"; readonly keys: readonly ThreadKey[] }
  /** `null`: nothing is written. */
  | { readonly kind: "exclusive.end"; readonly chains: readonly ChainRecord[] | null }
  | { readonly kind: "chunks"; readonly key: ThreadKey; readonly chunks: readonly Chunk[] }
  | {
      readonly kind: "blob";
      readonly reader: Reader;
      readonly info: BlobInfo;
      readonly bytes: Uint8Array;
      readonly now: number;
    }
  | { readonly kind: "lease.acquire"; readonly request: LeaseRequest }
  | { readonly kind: "lease.release"; readonly lease: Lease }
  | { readonly kind: "flush" }
  | { readonly kind: "repair" }
  | { readonly kind: "data-version" }
  | { readonly kind: "close" };
