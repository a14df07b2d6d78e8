import type { Entry } from "../model/entry.ts";
import type { ThreadHead } from "../model/thread.ts";
import type { Chunk } from "../store/chunk.ts";
import type { ThreadKey } from "../store/key.ts";
import { nameOf } from "./head-cache.ts";

export interface Commit {
  readonly key: ThreadKey;
  readonly entries: readonly Entry[];
  readonly before: ThreadHead | null;
  readonly head: ThreadHead;
}

type Listener<T> = (event: T) => void;

/** Tells this process what was committed and streamed in it. Listeners must not throw and must be quick. */
export class Live {
  readonly #all = new Set<Listener<Commit>>();
  readonly #byThread = new Map<string, Set<Listener<Commit>>>();
  readonly #chunks = new Set<
    Listener<{ readonly key: ThreadKey; readonly chunks: readonly Chunk[] }>
  >();
  readonly #foreign = new Set<() => void>();
  readonly #watch: (onForeignCommit: () => void) => () => void;
  #unwatch: (() => void) | undefined;

  /** @param watch  starts looking for commits of other processes; used while somebody listens for them */
  constructor(watch: (onForeignCommit: () => void) => () => void) {
    this.#watch = watch;
  }

  publish(commit: Commit): void {
    for (const listener of this.#all) listener(commit);
    for (const listener of this.#byThread.get(nameOf(commit.key)) ?? []) listener(commit);
  }

  publishChunks(key: ThreadKey, chunks: readonly Chunk[]): void {
    for (const listener of this.#chunks) listener({ key, chunks });
  }

  onCommit(listener: Listener<Commit>): () => void {
    return added(this.#all, listener);
  }

  onThread(key: ThreadKey, listener: Listener<Commit>): () => void {
    const name = nameOf(key);
    const listeners = this.#byThread.get(name) ?? new Set();
    this.#byThread.set(name, listeners.add(listener));
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0) this.#byThread.delete(name);
    };
  }

  onChunks(
    listener: Listener<{ readonly key: ThreadKey; readonly chunks: readonly Chunk[] }>,
  ): () => void {
    return added(this.#chunks, listener);
  }

  /** Another process has committed something; what, only the store knows. */
  onForeign(listener: () => void): () => void {
    this.#foreign.add(listener);
    this.#unwatch ??= this.#watch(() => {
      for (const told of this.#foreign) told();
    });
    return () => {
      this.#foreign.delete(listener);
      if (this.#foreign.size > 0) return;
      this.#unwatch?.();
      this.#unwatch = undefined;
    };
  }
}

function added<T>(listeners: Set<T>, listener: T): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}
