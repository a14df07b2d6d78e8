import type { Entry } from "../model/entry.ts";
import type { ThreadHead } from "../model/thread.ts";
import type { Chunk } from "../store/chunk.ts";
import type { ThreadKey } from "../store/key.ts";
import type { LiveBus } from "../store/live-bus.ts";
import type { Store } from "../store/store.ts";
import { Foreign } from "./foreign.ts";
import { nameOf } from "./head-cache.ts";

export interface Commit {
  readonly key: ThreadKey;
  readonly entries: readonly Entry[];
  readonly before: ThreadHead | null;
  readonly head: ThreadHead;
}

type Listener<T> = (event: T) => void;

// Engines over the same open store hear each other; bus and watch tell only of other processes.
const liveByStore = new WeakMap<Store, Live>();

/** What all engines over an open store tell each other by. Other processes it tells by the first bus that it is given. */
export function liveOf(store: Store, bus: LiveBus | null = store.bus ?? null): Live {
  const live = liveByStore.get(store) ?? new Live(store, bus);
  liveByStore.set(store, live);
  if (bus !== null) live.foreign.own(bus);
  return live;
}

/** Tells this process what was committed and streamed in it. Listeners must not throw and must be quick. */
export class Live {
  readonly #all = new Set<Listener<Commit>>();
  readonly #byThread = new Map<string, Set<Listener<Commit>>>();
  readonly #chunks = new Set<
    Listener<{ readonly key: ThreadKey; readonly chunks: readonly Chunk[] }>
  >();
  /** What happens in other processes. */
  readonly foreign: Foreign;

  constructor(store: Store, bus: LiveBus | null) {
    this.foreign = new Foreign(store, bus);
  }

  publish(commit: Commit): void {
    for (const listener of this.#all) listener(commit);
    for (const listener of this.#byThread.get(nameOf(commit.key)) ?? []) listener(commit);
    if (!this.foreign.isTold) return;
    const { key, entries, head } = commit;
    const hasRun = entries.some(({ op }) => op.startsWith("run."));
    this.foreign.tell({ kind: "commit", ...placeOf(key), version: head.version, hasRun });
  }

  publishChunks(key: ThreadKey, chunks: readonly Chunk[]): void {
    for (const listener of this.#chunks) listener({ key, chunks });
    if (!this.foreign.isTold) return;
    for (const [messageId, ofMessage] of Map.groupBy(chunks, (chunk) => chunk.messageId)) {
      const { runId = "" } = ofMessage[0] ?? {};
      this.foreign.tell({ kind: "chunks", ...placeOf(key), runId, messageId, chunks: ofMessage });
    }
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
}

function placeOf({ tenant, id }: ThreadKey): {
  readonly tenant: string;
  readonly threadId: string;
} {
  return { tenant, threadId: id };
}

function added<T>(listeners: Set<T>, listener: T): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}
