import { setTimeout as sleep } from "node:timers/promises";
import { isBusy, storeErrorOf } from "./sqlite-error.ts";
import type { Writer } from "./writer.ts";

const BUSY_LIMIT_MS = 5_000;
const LISTING_LAG_MS = 1_000;
const IDLE_MS = 2_000;
const BLOB_SWEEP_MS = 3_600_000;
const CHECK_SIZE_EVERY = 256;

type Task<T> = (writer: Writer) => T;

/** Runs writes one after another, the first one at once. Repeats those that found the file locked, lets other
 *  processes have their turn, and does in idle moments what commits leave behind. */
export class WriterQueue {
  readonly #writer: Writer;
  readonly #tasks: (() => Promise<void>)[] = [];
  #draining: Promise<void> | undefined;
  #listingTimer: NodeJS.Timeout | undefined;
  #idleTimer: NodeJS.Timeout | undefined;
  #writes = 0;
  #sweptAt = 0;
  #isClosed = false;

  constructor(writer: Writer) {
    this.#writer = writer;
  }

  /** Does a write in its turn: at once when nothing else waits.
   *  @param task  repeated as a whole when it throws that the file is locked before it has written anything */
  async run<T>(task: Task<T>): Promise<T> {
    const result = await this.look(task);
    this.#noteWrite();
    return result;
  }

  /** The same for what leaves nothing behind that would have to be cleared up later. */
  async look<T>(task: Task<T>): Promise<T> {
    const { transactions } = this.#writer;
    if (this.#draining === undefined && !this.#writer.hasForeignActivity)
      try {
        return task(this.#writer);
      } catch (error) {
        if (!this.#canRepeat(error, transactions))
          throw storeErrorOf(error, this.#writer.connection.path);
      }
    return this.hold(async (writer) => task(writer));
  }

  /** Keeps everything else waiting until the promise of `task` is settled. */
  hold<T>(task: Task<Promise<T>>): Promise<T> {
    const result = new Promise<T>((resolve, reject) => {
      this.#tasks.push(() => this.#attempt(task).then(resolve, reject));
    });
    this.#draining ??= this.#drain();
    return result;
  }

  /** Brings every list up to date, in slices between which other writes run. */
  async flushListing(): Promise<void> {
    while (await this.look((writer) => writer.flushListing()));
  }

  /** Waits for what is queued. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#listingTimer);
    clearInterval(this.#idleTimer);
    await this.#draining;
    // On a full disk that is left to whoever opens the file next.
    await this.flushListing().catch(() => undefined);
    this.#writer.close();
  }

  async #drain(): Promise<void> {
    for (let task = this.#tasks.shift(); task !== undefined; task = this.#tasks.shift()) {
      // Longer than the pause after which the other process tries again, so that neither starves.
      if (this.#writer.takeForeignActivity()) await sleep(1 + Math.random());
      await task();
    }
    this.#draining = undefined;
  }

  async #attempt<T>(task: Task<Promise<T>>): Promise<T> {
    let deadline: number | undefined;
    const { transactions } = this.#writer;
    for (;;) {
      try {
        return await task(this.#writer);
      } catch (error) {
        deadline ??= performance.now() + BUSY_LIMIT_MS;
        if (!this.#canRepeat(error, transactions) || performance.now() > deadline)
          throw storeErrorOf(error, this.#writer.connection.path);
      }
      await sleep(Math.random());
    }
  }

  /** What took effect must not do so twice. */
  #canRepeat(error: unknown, transactions: number): boolean {
    return isBusy(error) && this.#writer.transactions === transactions;
  }

  #noteWrite(): void {
    if (this.#isClosed) return;
    this.#writes += 1;
    if (this.#writes % CHECK_SIZE_EVERY === 0)
      this.#inBackground(() => this.look((writer) => writer.checkpoint(false)));
    this.#listingTimer ??= setTimeout(() => {
      this.#listingTimer = undefined;
      this.#inBackground(() => this.flushListing());
    }, LISTING_LAG_MS).unref();
    this.#idleTimer ??= this.#watchForIdle();
  }

  /** Looks now and then whether anything was done since, because a timer moved by each write would cost more. */
  #watchForIdle(): NodeJS.Timeout {
    let writes = this.#writes;
    const timer = setInterval(() => {
      if (writes !== this.#writes) {
        writes = this.#writes;
        return;
      }
      clearInterval(timer);
      this.#idleTimer = undefined;
      this.#onIdle();
    }, IDLE_MS).unref();
    return timer;
  }

  #onIdle(): void {
    this.#inBackground(async () => {
      await this.look((writer) => writer.checkpoint(true));
      if (Date.now() - this.#sweptAt < BLOB_SWEEP_MS) return;
      this.#sweptAt = Date.now();
      await this.look((writer) => writer.removeUnusedBlobs(this.#sweptAt));
    });
  }

  /** Upkeep that fails is done again after a later write; whoever writes gets the error. */
  #inBackground(work: () => Promise<void>): void {
    work().catch(() => undefined);
  }
}
