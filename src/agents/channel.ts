import { Wake } from "../engine/wake.ts";

/** Hands items from one that pushes to one that pulls, in order. */
export class Channel<T> {
  readonly #wake = new Wake();
  #items: T[] = [];
  #isEnded = false;

  push(item: T): void {
    this.#items.push(item);
    this.#wake.wake();
  }

  /** What was pushed before still arrives. */
  end(): void {
    this.#isEnded = true;
    this.#wake.wake();
  }

  async *items(): AsyncGenerator<T, void, undefined> {
    for (;;) {
      const isLast = this.#isEnded;
      const items = this.#items;
      this.#items = [];
      yield* items;
      if (isLast) return;
      if (this.#items.length === 0 && !this.#isEnded) await this.#wake.sleep();
    }
  }
}
