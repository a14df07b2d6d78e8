/** Group commit by hand: what is asked for in one turn of the event loop is written together. Each caller waits for
 *  its own write. */
export function grouped<T>(write: (batch: readonly T[]) => void): (item: T) => Promise<void> {
  let waiting: { readonly item: T; readonly resolve: () => void; readonly reject: Reject }[] = [];
  const flush = (): void => {
    const batch = waiting;
    waiting = [];
    try {
      write(batch.map(({ item }) => item));
    } catch (error) {
      for (const { reject } of batch) reject(error);
      return;
    }
    for (const { resolve } of batch) resolve();
  };
  return (item) =>
    new Promise((resolve, reject) => {
      if (waiting.length === 0) setImmediate(flush);
      waiting.push({ item, resolve, reject });
    });
}

type Reject = (error: unknown) => void;
