/** Reads an async iterable in batches: what is there already goes together. Owns the iterator: call `stop` when done. */
export class Batches<T> {
  readonly #iterator: AsyncIterator<T>;
  #next: Promise<IteratorResult<T>> | undefined;
  #isDone = false;

  constructor(iterable: AsyncIterable<T>) {
    this.#iterator = iterable[Symbol.asyncIterator]();
  }

  /** True when the iterable has ended and everything was taken. */
  get isDone(): boolean {
    return this.#isDone;
  }

  /** Waits up to `firstMs` for a first item, then takes what follows without a pause of more than `pauseMs`, at most `most` items.
   *  Throws what the iterable throws. */
  async take(firstMs: number, pauseMs: number, most: number): Promise<readonly T[]> {
    const items: T[] = [];
    while (!this.#isDone && items.length < most) {
      this.#next ??= this.#iterator.next();
      const result = await within(this.#next, items.length === 0 ? firstMs : pauseMs);
      if (result === undefined) break;
      this.#next = undefined;
      if (result.done === true) this.#isDone = true;
      else items.push(result.value);
    }
    return items;
  }

  stop(): void {
    this.#isDone = true;
    // Whoever waits for the next item is gone; an error that it still brings has no reader.
    this.#next?.catch(() => {});
    this.#iterator.return?.().catch(() => {});
  }
}

/** The promise's value, or `undefined` after `ms`. */
async function within<T>(promise: Promise<T>, ms: number): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
