import type { Engine } from "../engine/engine.ts";
import { Wake } from "../engine/wake.ts";
import type { Entry } from "../model/entry.ts";
import type { Chunk } from "../store/chunk.ts";
import type { ThreadKey } from "../store/key.ts";

// A reader that is this far behind reads what it missed from the store.
const MOST_UNITS = 1_048_576;

export interface FeedOptions {
  readonly engine: Pick<Engine, "worker" | "observe">;
  readonly key: ThreadKey;
  readonly runId: string;
  /** The thread's version before the first reading. */
  readonly after: number;
  readonly userId?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What happens to a run while somebody reads it: its chunks, and that its journal has changed. Opened before the first
 *  reading, so that nothing falls in between. Chunks of other processes do not arrive here. */
export class RunFeed {
  readonly #wake = new Wake();
  readonly #closing = new AbortController();
  readonly #stopChunks: () => void;
  readonly #observing: Promise<void>;
  #chunks: Chunk[] = [];
  #units = 0;
  #isBehind = false;
  #isChanged = false;
  #error: { readonly cause: unknown } | undefined;

  constructor(options: FeedOptions) {
    const { engine, key, runId, signal } = options;
    this.#stopChunks = engine.worker.onChunks((tenant, threadId, chunks) => {
      const isOurs = tenant === key.tenant && threadId === key.id && chunks[0]?.runId === runId;
      if (isOurs) this.#push(chunks);
    });
    if (signal?.aborted === true) this.#abort();
    signal?.addEventListener("abort", this.#abort, { once: true, signal: this.#closing.signal });
    this.#observing = this.#observe(options);
  }

  readonly #abort = (): void => {
    this.#isChanged = true;
    this.#wake.wake();
  };

  /** True once after every change of the run's journal. Throws what stopped the watching: the thread may be gone. */
  takeChange(): boolean {
    if (this.#error !== undefined) throw this.#error.cause;
    const isChanged = this.#isChanged;
    this.#isChanged = false;
    return isChanged;
  }

  get isChanged(): boolean {
    return this.#isChanged || this.#error !== undefined;
  }

  /** The chunks since the last call; `undefined` when there were too many to keep. */
  takeChunks(): readonly Chunk[] | undefined {
    const chunks = this.#isBehind ? undefined : this.#chunks;
    this.#chunks = [];
    this.#units = 0;
    this.#isBehind = false;
    return chunks;
  }

  /** Waits for chunks or a change; at most `timeoutMs`, if given. */
  async wait(timeoutMs?: number): Promise<void> {
    const timer =
      timeoutMs === undefined ? undefined : setTimeout(() => this.#wake.wake(), timeoutMs);
    await this.#wake.sleep();
    clearTimeout(timer);
  }

  async close(): Promise<void> {
    this.#stopChunks();
    this.#closing.abort();
    await this.#observing;
  }

  async #observe({ engine, key, runId, after, userId }: FeedOptions): Promise<void> {
    const options = {
      after,
      signal: this.#closing.signal,
      ...(userId !== undefined && { userId }),
    };
    try {
      for await (const entry of engine.observe(key.id, options))
        if (concerns(entry, runId)) {
          this.#isChanged = true;
          this.#wake.wake();
        }
    } catch (cause) {
      this.#error = { cause };
      this.#wake.wake();
    }
  }

  #push(chunks: readonly Chunk[]): void {
    for (const chunk of chunks) this.#units += chunk.text.length;
    if (this.#units > MOST_UNITS) {
      this.#isBehind = true;
      this.#chunks = [];
    } else this.#chunks.push(...chunks);
    this.#wake.wake();
  }
}

function concerns(entry: Entry, runId: string): boolean {
  switch (entry.op) {
    case "run.update":
    case "run.end":
      return entry.data.runId === runId;
    case "step.start":
    case "step.end":
      return entry.data.step.runId === runId;
    default:
      return entry.op === "thread.delete" || entry.op === "thread.purge";
  }
}
