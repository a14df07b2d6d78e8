import type { Engine } from "../engine/engine.ts";
import { Wake } from "../engine/wake.ts";
import type { Entry } from "../model/entry.ts";
import type { Chunk } from "../store/chunk.ts";
import type { ThreadKey } from "../store/key.ts";
import type { ChunksTold } from "../store/live-bus.ts";

// A reader that is this far behind reads what it missed from the store.
const MOST_UNITS = 1_048_576;
// How often the chunks of a run of another process are read, at most and at least, while its process tells of them.
const TOLD_MS = 50;
const HEARD_MS = 1_000;
// How often they are read while nobody tells of them.
const POLL_MS = 100;

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
 *  reading, so that nothing falls in between. Chunks of other processes arrive here as far as a bus brings them. */
export class RunFeed {
  readonly #wake = new Wake();
  readonly #closing = new AbortController();
  readonly #stops: readonly (() => void)[];
  readonly #observing: Promise<void>;
  #chunks: Chunk[] = [];
  #units = 0;
  #isBehind = false;
  #isChanged = false;
  /** Somebody was removed since access was last proved. */
  #isDoubtful = false;
  #error: { readonly cause: unknown } | undefined;
  #heardAt = Number.NEGATIVE_INFINITY;
  #told: NodeJS.Timeout | undefined;
  /** The newest version that another process told of, and the newest that was observed. */
  #toldVersion = 0;
  #version: number;

  readonly #proveAccess: () => Promise<unknown>;

  constructor(options: FeedOptions) {
    this.#proveAccess = () => options.engine.get(options.key.id, callerOf(options));
    const { engine, key, runId, signal } = options;
    this.#version = options.after;
    const isOurs = (tenant: string, threadId: string): boolean =>
      tenant === key.tenant && threadId === key.id;
    this.#stops = [
      engine.worker.onChunks((tenant, threadId, chunks) => {
        if (isOurs(tenant, threadId) && chunks[0]?.runId === runId) this.#push(chunks);
      }),
      engine.worker.listenToOthers({
        onCommit: ({ tenant, threadId, version }) => {
          if (isOurs(tenant, threadId)) this.#toldVersion = Math.max(this.#toldVersion, version);
        },
        onChunks: (event) => {
          if (event.runId === runId && isOurs(event.tenant, event.threadId)) this.#hear(event);
        },
        onGap: () => {
          this.#heardAt = Number.NEGATIVE_INFINITY;
        },
      }),
    ];
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

  /** Waits for chunks or a change. */
  wait(): Promise<void> {
    return this.#wake.sleep();
  }

  /** The same for a run of another process; also until it is time to read its chunks. */
  waitForOther(): Promise<void> {
    const isHeard = performance.now() - this.#heardAt < HEARD_MS;
    return this.#wake.sleep(undefined, isHeard ? HEARD_MS : POLL_MS);
  }

  async close(): Promise<void> {
    for (const stop of this.#stops) stop();
    clearTimeout(this.#told);
    this.#closing.abort();
    await this.#observing;
  }

  async #observe(options: FeedOptions): Promise<void> {
    const { engine, key, runId, after } = options;
    const observed = { ...callerOf(options), after, signal: this.#closing.signal };
    try {
      for await (const entry of engine.observe(key.id, observed)) {
        this.#version = entry.version;
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

  #hear({ chunks }: ChunksTold): void {
    this.#heardAt = performance.now();
    // Text must not overtake the removal of who reads it.
    if (chunks !== undefined && this.#toldVersion <= this.#version) this.#push(chunks);
    else
      this.#told ??= setTimeout(() => {
        this.#told = undefined;
        this.#wake.wake();
      }, TOLD_MS);
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
    case "approval.request":
    case "approval.decide":
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
