/** Why the work on a run stops before its end: a person cancelled it, or this process gives it up to another. */
export type StopCause = "cancelled" | "abandoned";

/** Stops the work on one run. The first cause counts. */
export class RunStop {
  readonly #controller = new AbortController();
  #cause: StopCause | undefined;

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  get cause(): StopCause | undefined {
    return this.#cause;
  }

  stop(cause: StopCause): void {
    this.#cause ??= cause;
    this.#controller.abort();
  }
}
