import { setTimeout as sleep } from "node:timers/promises";
import { isSkeinError } from "../../../model/error.ts";
import type { Reader } from "../../key.ts";
import type { SearchPage, SearchQuery } from "../../search.ts";
import type { Dialect } from "../dialect.ts";
import { rows } from "../plan.ts";
import type { Plan } from "../plan.ts";
import { catchUp } from "./catch-up.ts";
import type { CaughtUp } from "./catch-up.ts";
import { findHits } from "./find-hits.ts";
import type { SearchDialect } from "./search-dialect.ts";
import { loadLag, loadProgress, resetState } from "./search-state.ts";

/** Runs plans on the server. */
export interface PlanRunner {
  /** Statements that stand by themselves. */
  read<T>(plan: () => Plan<T>): Promise<T>;
  /** On one state of the data. */
  snapshot<T>(plan: () => Plan<T>): Promise<T>;
  /** In a transaction. */
  write<T>(plan: () => Plan<T>): Promise<T>;
}

/** Waits; ends early, without an error, when the signal says so. */
export type Pause = (ms: number, signal: AbortSignal) => Promise<void>;

/** For how long a database that may miss something is asked again with patience after its index was written. */
const FRESH_MS = 2_000;
const FRESH_WAITS_MS = [0, 25, 100, 300];

/** Between two batches while commits come faster than they are indexed. */
const CROWDED_MS = 500;

/** Full-text search on a server, over an index that follows the log. Several processes may do it at once. */
export class ServerSearch {
  readonly #dialect: Dialect;
  readonly #search: SearchDialect;
  readonly #runner: PlanRunner;
  readonly #pause: Pause;
  #commits = 0;
  #indexedAt = Number.NEGATIVE_INFINITY;
  // What others left behind is seen to at the start.
  #isBehind = true;
  #following: Promise<void> | undefined;

  constructor(
    dialect: Dialect,
    search: SearchDialect,
    runner: PlanRunner,
    pause: Pause = async (ms, signal) => sleep(ms, undefined, { signal }).catch(() => undefined),
  ) {
    this.#dialect = dialect;
    this.#search = search;
    this.#runner = runner;
    this.#pause = pause;
  }

  /** Indexes what is pending first, up to 2,000 entries. */
  async search(reader: Reader, query: SearchQuery): Promise<SearchPage> {
    const progress = await this.#runner.read(() => loadProgress(this.#dialect));
    const { state, isDone } = progress.isBehind
      ? ((await this.#tryCatchUp()) ?? { state: progress.state, isDone: false })
      : { state: progress.state, isDone: true };
    const ask = (): Promise<SearchPage> =>
      this.#runner.snapshot(() => this.#page(state, isDone, reader, query));
    let page = await ask();
    if (!this.#search.mayMiss) return page;
    const isFresh = performance.now() - this.#indexedAt < FRESH_MS;
    for (const waitMs of isFresh ? FRESH_WAITS_MS : [0]) {
      if (page.hits.length > 0) break;
      await sleep(waitMs);
      page = await ask();
    }
    return page;
  }

  /** Throws the index away and makes it anew, now. */
  async rebuild(): Promise<void> {
    await this.#runner.write(resetState);
    for (let isDone = false; !isDone;) ({ isDone } = await this.#catchUp());
    await this.#tidy();
  }

  /** Says that there is something to index. */
  noteCommit(): void {
    this.#isBehind = true;
    this.#commits += 1;
  }

  /** Indexes what was committed until now, if this store knows of anything, or until `signal` ends it between two
   *  transactions. While more is committed than a transaction indexes, it keeps out of the way: about 4,000 entries a
   *  second; a search still indexes 2,000 of them first. */
  follow(signal: AbortSignal): Promise<void> {
    if (!this.#isBehind) return Promise.resolve();
    this.#following ??= this.#follow(signal).finally(() => {
      this.#following = undefined;
    });
    return this.#following;
  }

  async #follow(signal: AbortSignal): Promise<void> {
    this.#isBehind = false;
    try {
      for (;;) {
        const before = this.#commits;
        const { isDone } = await this.#catchUp();
        if (isDone || signal.aborted) break;
        if (this.#commits !== before) await this.#pause(CROWDED_MS, signal);
      }
      await this.#tidy();
    } catch (error) {
      this.#isBehind = true;
      throw error;
    }
  }

  /** Not every user of a database may do it; then searches are slower until the database does it by itself. */
  async #tidy(): Promise<void> {
    const { tidy } = this.#search;
    if (tidy !== null) await this.#runner.read(() => rows(tidy)).catch(() => undefined);
  }

  *#page(
    state: CaughtUp["state"],
    isDone: boolean,
    reader: Reader,
    query: SearchQuery,
  ): Plan<SearchPage> {
    const found = yield* findHits(this.#search, state.newest, reader, query);
    const indexLag = isDone ? 0 : yield* loadLag(this.#dialect, state);
    return { ...found, indexLag };
  }

  async #catchUp(): Promise<CaughtUp> {
    const caughtUp = await this.#runner.write(() => catchUp(this.#dialect, this.#search));
    this.#indexedAt = performance.now();
    return caughtUp;
  }

  /** A search that cannot write still answers, and says how far behind it is. */
  async #tryCatchUp(): Promise<CaughtUp | undefined> {
    try {
      return await this.#catchUp();
    } catch (error) {
      if (!isSkeinError(error, "store_busy") && !isSkeinError(error, "store_full")) throw error;
      return undefined;
    }
  }
}
