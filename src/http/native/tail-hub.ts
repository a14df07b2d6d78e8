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
  #stopListening: (() => void) | undefined;

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
    this.#stopListening ??= this.#listen();
    const tail = new ThreadTail(this.#skein, threadId);
    const started = tail.start();
    const followed: Followed = { tail, started, readers: 0, linger: undefined };
    this.#tails.set(threadId, followed);
    tail.stopped.addEventListener("abort", () => this.#forget(threadId, followed), { once: true });
    started.catch(() => tail.stop());
    return followed;
  }

  #listen(): () => void {
    const { worker } = this.#skein;
    const tailOf = (tenant: string, id: string): ThreadTail | undefined =>
      tenant === DEFAULT_TENANT ? this.#tails.get(id)?.tail : undefined;
    const stops = [
      worker.onChunks((tenant, id, chunks) => tailOf(tenant, id)?.addChunks(chunks)),
      worker.listenToOthers({
        onCommit: ({ tenant, threadId, version }) => tailOf(tenant, threadId)?.hearCommit(version),
        onChunks: (event) => tailOf(event.tenant, event.threadId)?.hearChunks(event),
        onGap: () => {
          for (const { tail } of this.#tails.values()) tail.hearGap();
        },
      }),
    ];
    return () => {
      for (const stop of stops) stop();
    };
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
    this.#stopListening?.();
    this.#stopListening = undefined;
  }
}
