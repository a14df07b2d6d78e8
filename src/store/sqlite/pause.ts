const NEVER_WOKEN = new Int32Array(new SharedArrayBuffer(4));

/** Stops this thread. For waits of a few milliseconds in which nothing else could go on anyway. */
export function pause(ms: number): void {
  Atomics.wait(NEVER_WOKEN, 0, 0, ms);
}
