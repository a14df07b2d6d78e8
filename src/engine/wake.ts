/** Lets a loop sleep until it is woken, its time is over or the signal aborts. A wake while nobody sleeps is kept. */
export class Wake {
  #isWoken = false;
  #resolve: (() => void) | undefined;

  wake(): void {
    this.#isWoken = true;
    this.#resolve?.();
  }

  async sleep(signal?: AbortSignal): Promise<void> {
    if (!this.#isWoken && signal?.aborted !== true)
      await new Promise<void>((resolve) => {
        this.#resolve = resolve;
        signal?.addEventListener("abort", () => resolve(), { once: true });
      });
    this.#resolve = undefined;
    this.#isWoken = false;
  }
}
