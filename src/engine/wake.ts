/** Lets a loop sleep until it is woken, its time is over or the signal aborts. A wake while nobody sleeps is kept. */
export class Wake {
  #isWoken = false;
  #resolve: (() => void) | undefined;

  wake(): void {
    this.#isWoken = true;
    this.#resolve?.();
  }

  /** @param mostMs  default: until it is woken */
  async sleep(signal?: AbortSignal, mostMs?: number): Promise<void> {
    if (!this.#isWoken && signal?.aborted !== true) {
      const { promise, resolve } = Promise.withResolvers<void>();
      const stop = (): void => resolve();
      this.#resolve = stop;
      signal?.addEventListener("abort", stop);
      const timer = mostMs === undefined ? undefined : setTimeout(stop, mostMs);
      await promise;
      clearTimeout(timer);
      // A signal may outlive thousands of sleeps.
      signal?.removeEventListener("abort", stop);
    }
    this.#resolve = undefined;
    this.#isWoken = false;
  }
}
