import { setTimeout as sleep } from "node:timers/promises";

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;
// A link that broke sooner than this was not worth starting the pauses anew.
const STEADY_MS = 10_000;
const POLL_MS = 1_000;

/** A connection that is used until it ends. */
export interface Link {
  /** False while it is known that what others say does not arrive. */
  readonly isHearing: boolean;
  /** Resolves when the connection is of no use any more. */
  readonly ended: Promise<void>;
  close(): Promise<void>;
}

export interface KeptLinkOptions<L extends Link> {
  readonly connect: () => Promise<L>;
  readonly onUp: (link: L) => void;
  /** When a link was lost, and every second for as long as nothing is heard. */
  readonly onDeaf: () => void;
}

/** Keeps a connection, from the first `start` on: makes it again when it ends, waiting longer each time that it fails.
 *  Does not keep the process alive. */
export class KeptLink<L extends Link> {
  readonly #options: KeptLinkOptions<L>;
  readonly #stop = new AbortController();
  readonly #first = Promise.withResolvers<void>();
  #current: L | undefined;
  #keeping: Promise<void> | undefined;
  #poll: NodeJS.Timeout | undefined;

  constructor(options: KeptLinkOptions<L>) {
    this.#options = options;
    // Only `open` asks for it.
    this.#first.promise.catch(() => undefined);
  }

  get current(): L | undefined {
    return this.#current;
  }

  start(): void {
    if (this.#keeping !== undefined || this.#stop.signal.aborted) return;
    this.#poll = setInterval(() => {
      if (this.#current?.isHearing !== true) this.#options.onDeaf();
    }, POLL_MS).unref();
    this.#keeping = this.#keep();
  }

  /** Settles as the first attempt to connect does. */
  async firstAttempt(): Promise<void> {
    this.start();
    await this.#first.promise;
  }

  async close(): Promise<void> {
    this.#stop.abort();
    clearInterval(this.#poll);
    this.#first.resolve();
    await this.#keeping;
  }

  async #keep(): Promise<void> {
    const { signal } = this.#stop;
    let pauseMs = FIRST_PAUSE_MS;
    while (!signal.aborted) {
      const start = performance.now();
      await this.#use();
      if (signal.aborted) return;
      this.#options.onDeaf();
      if (performance.now() - start > STEADY_MS) pauseMs = FIRST_PAUSE_MS;
      const jittered = pauseMs * (0.5 + Math.random() / 2);
      await sleep(jittered, undefined, { signal, ref: false }).catch(() => undefined);
      pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS);
    }
  }

  async #use(): Promise<void> {
    let link: L;
    try {
      link = await this.#options.connect();
    } catch (error) {
      this.#first.reject(error);
      return;
    }
    this.#first.resolve();
    const { signal } = this.#stop;
    const stopped = Promise.withResolvers<void>();
    const stop = (): void => stopped.resolve();
    signal.addEventListener("abort", stop);
    if (signal.aborted) stop();
    else {
      this.#current = link;
      this.#options.onUp(link);
    }
    await Promise.race([link.ended, stopped.promise]);
    signal.removeEventListener("abort", stop);
    this.#current = undefined;
    await link.close();
  }
}
