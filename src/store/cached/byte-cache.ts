interface Held<V> {
  readonly value: V;
  readonly group: string;
  readonly sizeBytes: number;
  usedAt: number;
}

/** Values by name, the longest unused first out: when all of them together are over the bound, or when one was not
 *  used for its time. A group is what goes together. Times are milliseconds of a clock that only runs on. */
export class ByteCache<V> {
  readonly #held = new Map<string, Held<V>>();
  readonly #groups = new Map<string, Set<string>>();
  readonly #maxBytes: number;
  readonly #ttlMs: number;
  #bytes = 0;

  constructor(maxBytes: number, ttlMs: number) {
    this.#maxBytes = maxBytes;
    this.#ttlMs = ttlMs;
  }

  get sizeBytes(): number {
    return this.#bytes;
  }

  get(name: string): V | undefined {
    this.#dropUnused();
    const held = this.#held.get(name);
    if (held === undefined) return undefined;
    // At the end of the map is what was used last.
    this.#held.delete(name);
    held.usedAt = performance.now();
    this.#held.set(name, held);
    return held.value;
  }

  /** What is larger than the bound is not held. */
  set(group: string, name: string, value: V, sizeBytes: number): void {
    this.delete(name);
    this.#dropUnused();
    if (sizeBytes > this.#maxBytes) return;
    this.#held.set(name, { value, group, sizeBytes, usedAt: performance.now() });
    this.#bytes += sizeBytes;
    const names = this.#groups.get(group);
    if (names === undefined) this.#groups.set(group, new Set([name]));
    else names.add(name);
    for (const oldest of this.#held.keys()) {
      if (this.#bytes <= this.#maxBytes) return;
      this.delete(oldest);
    }
  }

  delete(name: string): void {
    const held = this.#held.get(name);
    if (held === undefined) return;
    this.#held.delete(name);
    this.#bytes -= held.sizeBytes;
    const names = this.#groups.get(held.group);
    names?.delete(name);
    if (names?.size === 0) this.#groups.delete(held.group);
  }

  deleteGroup(group: string): void {
    for (const name of this.#groups.get(group) ?? []) this.delete(name);
  }

  clear(): void {
    this.#held.clear();
    this.#groups.clear();
    this.#bytes = 0;
  }

  #dropUnused(): void {
    const limit = performance.now() - this.#ttlMs;
    for (const [name, { usedAt }] of this.#held) {
      if (usedAt > limit) return;
      this.delete(name);
    }
  }
}
