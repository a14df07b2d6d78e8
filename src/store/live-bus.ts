import type { Chunk } from "./chunk.ts";

interface Told {
  /** `StoreInfo.storeId`: several stores may share a bus. */
  readonly storeId: string;
  /** `Store.instance` of who tells it. */
  readonly sender: string;
  readonly tenant: string;
  readonly threadId: string;
}

/** A thread has this version now. */
export interface CommitTold extends Told {
  readonly kind: "commit";
  readonly version: number;
  /** Whether a run was created, changed or ended since the version that was told before. */
  readonly hasRun: boolean;
}

/** A run has written text of a message. */
export interface ChunksTold extends Told {
  readonly kind: "chunks";
  readonly runId: string;
  readonly messageId: string;
  /** The text, where the bus carries it; else the store has it. */
  readonly chunks?: readonly Chunk[];
}

export type BusEvent = CommitTold | ChunksTold;

/**
 * Tells processes that share a store what happens in each of them. A bus is a hint, the log is the truth: an event may come
 * twice, out of order, joined with later ones of its thread, or not at all, and whoever hears one reads the store. What a
 * subscriber may have missed it is told by `onGap`, and then looks everywhere.
 */
export interface LiveBus {
  /** For people: `redis host:6379/0`. Never has a password. */
  readonly name: string;
  /** Connects. Not needed: the first use connects, and goes on trying.
   *  @throws SkeinError  `invalid_request` for a wrong address or password, `store_unavailable` when nobody answers */
  open(): Promise<void>;
  /** Tells all subscribers, those of the same process too, outside of the caller's way: never throws, never waits. What
   *  cannot be told yet is kept in bounded memory, and beyond that becomes a gap. */
  publish(event: BusEvent): void;
  /** Listeners must be quick and must not throw. `onGap` is called once listening has begun, after every interruption, and
   *  about every second for as long as nothing can be heard. Answers what ends it. */
  subscribe(listener: (event: BusEvent) => void, onGap: () => void): () => void;
  /** Tells what waits, for at most a second, then disconnects. Idempotent. */
  close(): Promise<void>;
}
