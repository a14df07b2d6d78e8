/** How long a process counts as alive after its last sign. */
export const ALIVE_MS = 15_000;

/** Counts how often a process was late with its sign of life, and keeps the time of whoever it gives the sign to. Goes by a
 *  clock that nobody sets. */
export class Pulse {
  readonly #aliveMs: number;
  readonly #clock: () => number;
  #last: number;
  #lapses = 0;
  #ahead: number | undefined;

  constructor(aliveMs: number = ALIVE_MS, clock: () => number = () => performance.now()) {
    this.#aliveMs = aliveMs;
    this.#clock = clock;
    this.#last = clock();
  }

  /** Gives a sign. It counts from before it was sent, because it takes effect later.
   *  @param send  answers the time where it arrived, if there is another clock */
  async beat(send: () => Promise<number | undefined>): Promise<void> {
    const sentAt = this.#clock();
    const time = await send();
    const arrivedAt = this.#clock();
    if (sentAt - this.#last > this.#aliveMs) this.#lapses += 1;
    this.#last = Math.max(this.#last, sentAt);
    if (time !== undefined) this.#set(time - (sentAt + arrivedAt) / 2, arrivedAt - sentAt);
  }

  get lapses(): number {
    return this.#lapses + (this.#clock() - this.#last > this.#aliveMs ? 1 : 0);
  }

  /** Milliseconds since the epoch where the signs arrive; `undefined` before the first. */
  now(): number | undefined {
    return this.#ahead === undefined ? undefined : Math.round(this.#clock() + this.#ahead);
  }

  /** What the way there and back explains is no reason to let the time jump. */
  #set(ahead: number, roundTripMs: number): void {
    if (this.#ahead === undefined || Math.abs(ahead - this.#ahead) > roundTripMs)
      this.#ahead = ahead;
  }
}
