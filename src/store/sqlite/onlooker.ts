import { statSync } from "node:fs";
import { ALIVE_MS } from "../pulse.ts";
import { BEAT_MS, instanceFolder, isInstanceAlive, lockFile } from "./instances.ts";

/** Watches other processes touch their files. Compares what it has seen itself and no clocks, so that setting one kills nobody. */
export class Onlooker {
  readonly #path: string;
  readonly #clock: () => number;
  readonly #seen = new Map<string, { touchedAt: number; lookedAt: number; stillMs: number }>();

  /** @param path  the store's file */
  constructor(path: string, clock: () => number = () => performance.now()) {
    this.#path = path;
    this.#clock = clock;
  }

  /** Whether an instance holds its lock, and has touched its file within the last 15 seconds in which anybody looked. */
  isAlive(id: string): boolean {
    const file = lockFile(instanceFolder(this.#path), id);
    const stats = isInstanceAlive(this.#path, id)
      ? statSync(file, { throwIfNoEntry: false })
      : undefined;
    if (stats !== undefined) return this.#isTouched(id, stats.mtimeMs);
    this.#seen.delete(id);
    return false;
  }

  #isTouched(id: string, touchedAt: number): boolean {
    const now = this.#clock();
    const seen = this.#seen.get(id);
    // Who looks seldom, or was stopped itself, cannot tell that the other was still all along.
    const stillMs =
      seen?.touchedAt === touchedAt ? seen.stillMs + Math.min(now - seen.lookedAt, BEAT_MS) : 0;
    this.#seen.set(id, { touchedAt, lookedAt: now, stillMs });
    return stillMs <= ALIVE_MS;
  }
}
