import { SkeinError } from "../model/error.ts";

const RETRY_AFTER_MS = 1_000;

/** Bytes that many requests may hold together. */
export class ByteBudget {
  readonly #limit: number;
  #taken = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Throws `overloaded`, and takes nothing, when less than that is left. */
  take(bytes: number): void {
    if (this.#taken + bytes > this.#limit)
      throw new SkeinError("overloaded", "Too many request bodies are on their way. Try again.", {
        retryAfterMs: RETRY_AFTER_MS,
      });
    this.#taken += bytes;
  }

  release(bytes: number): void {
    this.#taken -= bytes;
  }
}
