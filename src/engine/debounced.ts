export interface Debounced<T> {
  /** Calls back with the newest value when it has been quiet for a while, or after five such whiles. */
  call(value: T): void;
  /** Calls back now if something waits. */
  flush(): void;
}

const LONGEST_WHILES = 5;

export function debounced<T>(callback: (value: T) => void, whileMs: number): Debounced<T> {
  let waiting: { readonly value: T; readonly since: number } | undefined;
  let timer: NodeJS.Timeout | undefined;
  const flush = (): void => {
    clearTimeout(timer);
    const due = waiting;
    waiting = undefined;
    if (due !== undefined) callback(due.value);
  };
  return {
    call(value) {
      const now = performance.now();
      waiting = { value, since: waiting?.since ?? now };
      clearTimeout(timer);
      // Constant activity must not put it off for ever.
      const leftMs = waiting.since + LONGEST_WHILES * whileMs - now;
      timer = setTimeout(flush, Math.max(0, Math.min(whileMs, leftMs))).unref();
    },
    flush,
  };
}
