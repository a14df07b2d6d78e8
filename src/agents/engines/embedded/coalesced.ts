/** Runs `work` after a while, at most once at a time; of the requests before it begins the earliest counts. */
export function coalesced(
  work: () => Promise<void>,
  onError: (error: unknown) => void,
): (delayMs: number) => void {
  let timer: NodeJS.Timeout | undefined;
  let dueAt = Number.POSITIVE_INFINITY;
  let isWorking = false;
  let againMs: number | undefined;
  const ask = (delayMs: number): void => {
    if (isWorking) {
      againMs = Math.min(againMs ?? delayMs, delayMs);
      return;
    }
    const at = performance.now() + delayMs;
    if (dueAt <= at) return;
    clearTimeout(timer);
    dueAt = at;
    timer = setTimeout(() => void start(), delayMs).unref();
  };
  const start = async (): Promise<void> => {
    isWorking = true;
    dueAt = Number.POSITIVE_INFINITY;
    await work().catch(onError);
    isWorking = false;
    const againInMs = againMs;
    againMs = undefined;
    if (againInMs !== undefined) ask(againInMs);
  };
  return ask;
}
