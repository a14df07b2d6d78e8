import { SkeinError } from "../../model/error.ts";

export function abortedError(): SkeinError {
  return new SkeinError("aborted", "The model call was stopped by its caller.");
}

/** Settles as `work` does, or rejects with `aborted` as soon as the signal fires, whatever `work` does then. */
export async function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const abort = Promise.withResolvers<never>();
  const onAbort = (): void => abort.reject(abortedError());
  if (signal.aborted) onAbort();
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    return await Promise.race([abort.promise, work]);
  } finally {
    signal.removeEventListener("abort", onAbort);
    // The loser of the race may still fail, and nobody else listens to it.
    work.catch(() => undefined);
    abort.promise.catch(() => undefined);
  }
}

/** Waits; rejects with `aborted` as soon as the signal fires. Leaves no timer behind. */
export async function delay(milliseconds: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, milliseconds);
  try {
    await untilAborted(promise, signal);
  } finally {
    clearTimeout(timer);
  }
}

/** The items of `source` until the signal fires: then it throws `aborted` at once, without waiting for `source`. */
export async function* itemsUntilAborted<T>(
  source: AsyncIterable<T>,
  signal: AbortSignal,
): AsyncGenerator<T, void, undefined> {
  const iterator = source[Symbol.asyncIterator]();
  let isDone = false;
  try {
    for (;;) {
      const next = await untilAborted(iterator.next(), signal);
      if (next.done === true) {
        isDone = true;
        return;
      }
      yield next.value;
    }
  } finally {
    // Not awaited: a source that ignores the abort would hold the caller here.
    if (!isDone) iterator.return?.().catch(() => undefined);
  }
}
