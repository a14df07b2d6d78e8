import type { Skein } from "../../agents/skein.ts";
import { DEFAULT_TENANT } from "../../model/principal.ts";
import { ThreadTail } from "./thread-tail.ts";
import type { TailReader } from "./thread-tail.ts";

/** How long a thread is followed after its last reader left, for readers that connect again. */
const LINGER_MS = 5_000;

interface Followed {
  readonly tail: ThreadTail;
  readonly started: Promise<void>;
  readers: number;
  linger: NodeJS.Timeout | undefined;
}

/** One tail for each thread that somebody reads. */
export class TailHub {
  readonly #skein: Skein;
  readonly #tails = new Map<string, Followed>();
  #stopChunks: (() => void) | undefined;

  constructor(skein: Skein) {
    this.#skein = skein;
  }

  /** Serves a reader until its sink is closed. Rejects when the thread cannot be read. */
  async serve(threadId: string, reader: TailReader): Promise<void> {
    const followed = this.#follow(threadId);
    followed.readers++;
    try {
      await followed.started;
      await followed.tail.serve(reader);
    } finally {
      followed.readers--;
      if (followed.readers === 0) this.#release(threadId, followed);
    }
  }

  #follow(threadId: string): Followed {
    const known = this.#tails.get(threadId);
    if (known !== undefined && !known.tail.stopped.aborted) {
      clearTimeout(known.linger);
      return known;
    }
    this.#stopChunks ??= this.#skein.worker.onChunks((tenant, id, chunks) => {
      if (tenant === DEFAULT_TENANT) this.#tails.get(id)?.tail.addChunks(chunks);
    });
    const tail = new ThreadTail(this.#skein, threadId);
    const started = tail.start();
    const followed: Followed = { tail, started, readers: 0, linger: undefined };
    this.#tails.set(threadId, followed);
    tail.stopped.addEventListener("abort", () => this.#forget(threadId, followed), { once: true });
    started.catch(() => tail.stop());
    return followed;
  }

  #release(threadId: string, followed: Followed): void {
    followed.linger = setTimeout(() => {
      followed.tail.stop();
      this.#forget(threadId, followed);
    }, LINGER_MS);
    followed.linger.unref();
  }

  #forget(threadId: string, followed: Followed): void {
    if (this.#tails.get(threadId) === followed) this.#tails.delete(threadId);
    if (this.#tails.size > 0) return;
    this.#stopChunks?.();
    this.#stopChunks = undefined;
  }
}
