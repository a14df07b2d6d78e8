import type { BusEvent } from "../store/live-bus.ts";

interface Subscriber {
  readonly listener: (event: BusEvent) => void;
  readonly onGap: () => void;
}

/** Who listens to a bus in this process. */
export class Subscribers {
  readonly #all = new Set<Subscriber>();

  get isEmpty(): boolean {
    return this.#all.size === 0;
  }

  add(listener: Subscriber["listener"], onGap: () => void): () => void {
    const subscriber = { listener, onGap };
    this.#all.add(subscriber);
    return () => void this.#all.delete(subscriber);
  }

  hear(event: BusEvent): void {
    for (const { listener } of this.#all) listener(event);
  }

  miss(): void {
    for (const { onGap } of this.#all) onGap();
  }
}
