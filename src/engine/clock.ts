import type { Store } from "../store/store.ts";

/** Milliseconds since the epoch. Passed in, so that tests choose the time. */
export type Clock = () => number;

export const systemClock: Clock = Date.now;

/** The time that all processes on a store agree about: the store's own where it has a clock, whatever this machine's says. */
export function storeClock(store: Pick<Store, "now">): Clock {
  return () => store.now?.() ?? Date.now();
}
