import type { ThreadHead } from "../../model/thread.ts";
import type { BlobInfo } from "../blob.ts";
import type { Chunk } from "../chunk.ts";
import type { Reader, ThreadKey } from "../key.ts";
import type { Lease } from "../lease.ts";
import type { LeaseRequest } from "../sql/leases.ts";
import type { ChainRecord } from "../sql/records.ts";

/** What `exclusive.begin` answers. */
export interface ExclusiveHeads {
  readonly ticket: string;
  readonly heads: readonly (ThreadHead | null)[];
}

/** What the writer's thread is asked. */
export type WriterRequest =
  | { readonly kind: "open" }
  | { readonly kind: "commit"; readonly chains: readonly ChainRecord[] }
  /** Answers the heads with a ticket, and keeps the lock until `exclusive.end` shows it. */
  | { readonly kind: "exclusive.begin"; readonly keys: readonly ThreadKey[] }
  /** `null`: nothing is written. */
  | {
      readonly kind: "exclusive.end";
      readonly ticket: string;
      readonly chains: readonly ChainRecord[] | null;
    }
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
