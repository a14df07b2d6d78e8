import type { Chunk } from "../../chunk.ts";
import type { ThreadKey } from "../../key.ts";

interface Waiting {
  readonly chunks: Chunk[];
  readonly written: Promise<void>;
}

/** Writes the chunks of each thread in the order in which they came: those that come while some are on their way wait,
 *  and go together. */
export class ChunkQueue {
  readonly #write: (key: ThreadKey, chunks: readonly Chunk[]) => Promise<void>;
  readonly #waiting = new Map<string, Waiting>();
  readonly #writing = new Map<string, Promise<void>>();

  constructor(write: (key: ThreadKey, chunks: readonly Chunk[]) => Promise<void>) {
    this.#write = write;
  }

  append(key: ThreadKey, chunks: readonly Chunk[]): Promise<void> {
    // Ids have no line breaks.
    const name = `${key.tenant}\n${key.id}`;
    const waiting = this.#waiting.get(name);
    if (waiting !== undefined) {
      waiting.chunks.push(...chunks);
      return waiting.written;
    }
    const before = this.#writing.get(name);
    if (before === undefined) return this.#start(name, key, chunks);
    const together = [...chunks];
    // What went wrong with those before is no matter of these.
    const written = before
      .catch(() => undefined)
      .then(() => {
        this.#waiting.delete(name);
        return this.#start(name, key, together);
      });
    this.#waiting.set(name, { chunks: together, written });
    return written;
  }

  #start(name: string, key: ThreadKey, chunks: readonly Chunk[]): Promise<void> {
    const written = this.#write(key, chunks).finally(() => {
      if (this.#writing.get(name) === written) this.#writing.delete(name);
    });
    this.#writing.set(name, written);
    return written;
  }
}
