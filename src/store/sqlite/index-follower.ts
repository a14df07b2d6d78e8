import type { Reader as Who } from "../key.ts";
import type { SearchPage, SearchQuery } from "../search.ts";
import type { ErasedMessage } from "./batch-log.ts";
import type { SearchIndex } from "./search-port.ts";

const SETTLED_MS = 150;
const PAUSE_MS = 100;

const ROWS_WHEN_IDLE = 1_000;

/** A second of 2,500 messages each. Further behind, keeping up is hopeless until commits pause, and slows them down. */
const HOPELESS_LAG = 2_500;

export interface FollowerOptions {
  /** The file of the log. */
  readonly path: string;
  /** Log rows per tenth of a second while commits go on. */
  readonly rowsWhileBusy: number;
  /** The same when that is not enough. */
  readonly rowsWhenHopeless: number;
}

/** Keeps the search index behind the log: a little while commits go on, all of it once they pause. */
export class IndexFollower {
  readonly #options: FollowerOptions;
  #index: SearchIndex | undefined;
  #timer: NodeJS.Timeout | undefined;
  #committedAt = 0;
  #isClosed = false;

  constructor(options: FollowerOptions) {
    this.#options = options;
  }

  noteCommit(): void {
    this.#committedAt = performance.now();
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
    const isBusy = performance.now() - this.#committedAt < SETTLED_MS;
    const rows = index.catchUp(isBusy ? this.#rowsWhileBusy(index) : ROWS_WHEN_IDLE);
    if (isBusy) this.#later(PAUSE_MS);
    else if (rows > 0) this.#later(0);
  }

  #rowsWhileBusy(index: SearchIndex): number {
    const { rowsWhileBusy, rowsWhenHopeless } = this.#options;
    return index.lag() > HOPELESS_LAG ? rowsWhenHopeless : rowsWhileBusy;
  }

  async #opened(): Promise<SearchIndex> {
    if (this.#index === undefined) {
      const { openSearchIndex } = await import("./search-index.ts");
      if (this.#index === undefined) this.#index = openSearchIndex({ path: this.#options.path });
    }
    return this.#index;
  }
}
