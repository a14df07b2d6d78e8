import { setTimeout as sleep } from "node:timers/promises";
import { isBusy, storeErrorOf } from "./sqlite-error.ts";
import type { Writer } from "./writer.ts";

const BUSY_LIMIT_MS = 5_000;
const LISTING_LAG_MS = 1_000;
const IDLE_MS = 2_000;
const BLOB_SWEEP_MS = 3_600_000;
const CHECK_SIZE_EVERY = 256;

/** Runs writes one after another, the first one at once. Repeats those that found the file locked, lets other
 *  processes have their turn, and does in idle moments what commits leave behind. */
export class WriterQueue {
  readonly #writer: Writer;
  readonly #tasks: (() => Promise<void>)[] = [];
  #draining: Promise<void> | undefined;
  #listingTimer: NodeJS.Timeout | undefined;
  #idleTimer: NodeJS.Timeout | undefined;
  #done = 0;
  #sweptAt = 0;

  constructor(writer: Writer) {
    this.#writer = writer;
  }

  /** @param task  repeated as a whole when it throws that the file is locked */
  run<T>(task: (writer: Writer) => T | Promise<T>): Promise<T> {
    const result = new Promise<T>((resolve, reject) => {
      this.#tasks.push(() => this.#attempt(task).then(resolve, reject));
    });
    this.#draining ??= this.#drain();
    return result;
  }

  /** Brings every list up to date, in slices between which other writes run. */
  async flushListing(): Promise<void> {
    while (await this.run((writer) => writer.flushListing()));
  }

  /** Waits for what is queued. */
  async close(): Promise<void> {
    clearTimeout(this.#listingTimer);
    clearTimeout(this.#idleTimer);
    await this.#draining;
    await this.flushListing();
    clearTimeout(this.#listingTimer);
    clearTimeout(this.#idleTimer);
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

  async #attempt<T>(task: (writer: Writer) => T | Promise<T>): Promise<T> {
    const deadline = performance.now() + BUSY_LIMIT_MS;
    for (;;) {
      try {
        const result = await task(this.#writer);
        this.#schedule();
        return result;
      } catch (error) {
        if (!isBusy(error) || performance.now() > deadline)
          throw storeErrorOf(error, this.#writer.connection.path);
      }
      await sleep(Math.random());
    }
  }

  #schedule(): void {
    this.#done += 1;
    if (this.#done % CHECK_SIZE_EVERY === 0) this.#writer.checkpoint(false);
    this.#listingTimer ??= setTimeout(() => {
      this.#listingTimer = undefined;
      this.#inBackground(() => this.flushListing());
    }, LISTING_LAG_MS).unref();
    // One timer that is moved: making one per commit would cost more than the rest of this method.
    if (this.#idleTimer === undefined)
      this.#idleTimer = setTimeout(() => this.#onIdle(), IDLE_MS).unref();
    else this.#idleTimer.refresh();
  }

  #onIdle(): void {
    this.#inBackground(async () => {
      await this.run((writer) => writer.checkpoint(true));
      if (Date.now() - this.#sweptAt < BLOB_SWEEP_MS) return;
      this.#sweptAt = Date.now();
      await this.run((writer) => writer.removeUnusedBlobs(this.#sweptAt));
    });
  }

  /** Upkeep that fails is repeated after the next write; whoever writes gets the error. */
  #inBackground(work: () => Promise<void>): void {
    work().catch(() => undefined);
  }
}
