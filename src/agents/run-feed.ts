import type { Engine } from "../engine/engine.ts";
import { Wake } from "../engine/wake.ts";
import type { Entry } from "../model/entry.ts";
import type { Chunk } from "../store/chunk.ts";
import type { ThreadKey } from "../store/key.ts";

// A reader that is this far behind reads what it missed from the store.
const MOST_UNITS = 1_048_576;

export interface FeedOptions {
  readonly engine: Pick<Engine, "worker" | "observe" | "get">;
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
  /** Somebody was removed since access was last proved. */
  #isDoubtful = false;
  #error: { readonly cause: unknown } | undefined;

  readonly #proveAccess: () => Promise<unknown>;

  constructor(options: FeedOptions) {
    this.#proveAccess = () => options.engine.get(options.key.id, callerOf(options));
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

  /** Has to be called before a reading: from then on a change is news. Throws what stopped the watching, and what the reader
   *  would be told who asked for the thread now: it may be gone, or for others only. */
  async beginReading(): Promise<void> {
    if (this.#error !== undefined) throw this.#error.cause;
    this.#isChanged = false;
    if (!this.#isDoubtful) return;
    this.#isDoubtful = false;
    await this.#proveAccess();
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

  async #observe(options: FeedOptions): Promise<void> {
    const { engine, key, runId, after } = options;
    const observed = { ...callerOf(options), after, signal: this.#closing.signal };
    try {
      for await (const entry of engine.observe(key.id, observed)) {
        this.#isDoubtful ||= entry.op === "member.remove";
        if (!concerns(entry, runId)) continue;
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
      return SHUTTING.has(entry.op);
  }
}

/** What may end the right to read on. */
const SHUTTING: ReadonlySet<string> = new Set(["thread.delete", "thread.purge", "member.remove"]);

function callerOf({ userId }: FeedOptions): { readonly userId?: string } {
  return userId === undefined ? {} : { userId };
}
