/** Why the work on a run stops before its end: a person cancelled it, its time is over, or this process gives it up to another. */
export type StopCause = "cancelled" | "expired" | "abandoned";

/** Stops the work on one run. The first cause counts. */
export class RunStop {
  readonly #controller = new AbortController();
  #cause: StopCause | undefined;
  #release: (() => Promise<void>) | undefined;

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  get cause(): StopCause | undefined {
    return this.#cause;
  }

  /** @param release  lets other processes have the run; set by who has claimed it */
  set onRelease(release: () => Promise<void>) {
    this.#release = release;
  }

  /** Gives an abandoned run to whoever wants it. A run that was never claimed, or has ended, is not in the way. */
  async release(): Promise<void> {
    if (this.#cause === "abandoned") await this.#release?.();
  }

  stop(cause: StopCause): void {
    this.#cause ??= cause;
    this.#controller.abort();
  }
}
