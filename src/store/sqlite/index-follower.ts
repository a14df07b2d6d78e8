import { SkeinError } from "../../model/error.ts";
import type { Reader as Who } from "../key.ts";
import type { SearchPage, SearchQuery } from "../search.ts";
import type { ErasedMessage } from "../sql/batch-log.ts";
import type { SearchIndex } from "./search-port.ts";

const SETTLED_MS = 150;
const PAUSE_MS = 100;

const ROWS_WHEN_IDLE = 1_000;

/** Up to so many new rows in a tenth of a second leave the thread mostly free. */
const CALM_ROWS = 50;
const CALM_PAUSE_MS = 5;

export interface FollowerOptions {
  /** The file of the log. */
  readonly path: string;
  /** Log rows per tenth of a second while commits go on. */
  readonly rowsWhileBusy: number;
  /** The same while more than that are written: keeping up is hopeless, and slows the commits down. 0: indexing waits until
   *  less is written. */
  readonly rowsWhenHopeless: number;
}

interface Pace {
  readonly rows: number;
  readonly pauseMs: number;
}

/** Keeps the search index behind the log: a little while commits go on, all of it once they pause. */
export class IndexFollower {
  readonly #options: FollowerOptions;
  #index: SearchIndex | undefined;
  #timer: NodeJS.Timeout | undefined;
  #committedAt = 0;
  /** Rows that were not indexed after the last slice. */
  #left = 0;
  /** New rows since the last count, and in the tenth of a second before it. */
  #arrived = 0;
  #countedAt = 0;
  #recentRows = 0;
  #isClosed = false;

  constructor(options: FollowerOptions) {
    this.#options = options;
  }

  noteCommit(): void {
    this.#committedAt = performance.now();
    // What comes after a rest is not spread over the rest.
    if (this.#timer === undefined) this.#countedAt = this.#committedAt;
    this.#later(PAUSE_MS);
  }

  async search(who: Who, query: SearchQuery): Promise<SearchPage> {
    const index = await this.#opened();
    return index.search(who, query);
  }

  /** At once, however far behind the index is. */
  async forget(erased: readonly ErasedMessage[]): Promise<void> {
    const index = await this.#opened();
    for (const { tid, messageId } of erased) index.forget(tid, [messageId]);
  }

  /** All of it, before it resolves. */
  async rebuild(): Promise<void> {
    const index = await this.#opened();
    index.reset();
    while (!this.#isClosed && index.catchUp(ROWS_WHEN_IDLE) > 0) await new Promise(setImmediate);
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.#index?.close();
    this.#index = undefined;
  }

  #later(delayMs: number): void {
    if (this.#isClosed) return;
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      // An index that fails is not lost: the next commit or search tries again, and a search tells why.
      this.#follow().catch(() => undefined);
    }, delayMs).unref();
  }

  async #follow(): Promise<void> {
    const index = await this.#opened();
    if (this.#isClosed) return;
    const lag = index.lag();
    this.#count(lag);
    const { rows, pauseMs } = this.#pace();
    const taken = rows === 0 ? 0 : index.catchUp(rows);
    this.#left = Math.max(0, lag - taken);
    if (taken > 0 || rows === 0) this.#later(pauseMs);
  }

  #count(lag: number): void {
    this.#arrived += Math.max(0, lag - this.#left);
    const passedMs = performance.now() - this.#countedAt;
    if (passedMs < PAUSE_MS) return;
    this.#recentRows = (this.#arrived * PAUSE_MS) / passedMs;
    this.#arrived = 0;
    this.#countedAt += passedMs;
  }

  /** By what is being written, not by how much is left: a trickle of commits does not keep a long rest waiting. */
  #pace(): Pace {
    const { rowsWhileBusy, rowsWhenHopeless } = this.#options;
    if (performance.now() - this.#committedAt >= SETTLED_MS)
      return { rows: ROWS_WHEN_IDLE, pauseMs: 0 };
    if (this.#recentRows > rowsWhileBusy) return { rows: rowsWhenHopeless, pauseMs: PAUSE_MS };
    return {
      rows: rowsWhileBusy,
      pauseMs: this.#recentRows > CALM_ROWS ? PAUSE_MS : CALM_PAUSE_MS,
    };
  }

  async #opened(): Promise<SearchIndex> {
    if (this.#index === undefined) {
      const { openSearchIndex } = await import("./search-index.ts");
      // Closed while the code was loaded: opened now, it would stay open for ever.
      if (this.#isClosed) throw new SkeinError("store_closed", "The store is closed.");
      if (this.#index === undefined) this.#index = openSearchIndex({ path: this.#options.path });
    }
    return this.#index;
  }
}
