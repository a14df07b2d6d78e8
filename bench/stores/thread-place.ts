import type { Turn } from "../support/turn.ts";

/** A kind of store that keeps threads: the product over one of its adapters, or a peer. */
export interface Contestant {
  readonly name: string;
  /** What of an acknowledged turn a loss of power may take. */
  readonly survives: string;
  /** An empty place. */
  open(): Promise<ThreadPlace>;
}

export interface ThreadPlace {
  create(thread: string, user: string): Promise<void>;
  /** Resolves when the store says that the turn is kept. */
  append(thread: string, user: string, turn: Turn): Promise<void>;
  /** A long thread in as few steps as the store allows, for those that cannot grow one. */
  bring(thread: string, user: string, turns: readonly Turn[]): Promise<void>;
  /** The newest messages of a thread; answers how many. */
  last(thread: string, count: number): Promise<number>;
  /** The newest threads of a user; answers how many. Absent: the store has no list of threads. */
  newest?(user: string, count: number): Promise<number>;
  /** Bytes kept, after whatever the store leaves to be done later. */
  bytes(): Promise<number>;
  close(): Promise<void>;
}
