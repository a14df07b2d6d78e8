import type { ThreadKey } from "../key.ts";
import type { Store } from "../store.ts";

const KEYS_AT_ONCE = 1_000;

const DEFAULT_CONCURRENCY = 8;

/** Does the work for every thread of a store, several at once. Ends with the first error, after what is under way. */
export async function eachThread(
  store: Store,
  options: { readonly concurrency?: number; readonly signal?: AbortSignal },
  work: (key: ThreadKey) => Promise<void>,
): Promise<void> {
  const keys = keysOf(store);
  const abort = new AbortController();
  const signal = AbortSignal.any([abort.signal, ...(options.signal ? [options.signal] : [])]);
  const worker = async (): Promise<void> => {
    try {
      for (;;) {
        signal.throwIfAborted();
        const next = await keys.next();
        if (next.done === true) return;
        await work(next.value);
      }
    } catch (error) {
      abort.abort(error);
      throw error;
    }
  };
  const count = options.concurrency ?? DEFAULT_CONCURRENCY;
  const ends = await Promise.allSettled(Array.from({ length: count }, worker));
  if (ends.some(({ status }) => status === "rejected")) throw signal.reason;
}

/** Callers that ask at once are answered one after the other. */
async function* keysOf(store: Store): AsyncGenerator<ThreadKey, void> {
  for (let after: ThreadKey | null = null; ;) {
    const keys: readonly ThreadKey[] = await store.listKeys(after, KEYS_AT_ONCE);
    yield* keys;
    const last = keys.at(-1);
    if (last === undefined) return;
    after = last;
  }
}
