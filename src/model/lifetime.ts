/** When the time of a thread is over. */
export interface Expiry {
  /** Milliseconds since the epoch. Of a sliding one a lower bound: `expiresAt` tells. */
  readonly at: number;
  /** Sliding: so many milliseconds after whatever happened last in the thread. */
  readonly slidingMs?: number;
  /** Erased then, instead of deleted. */
  readonly isErased?: true;
}

// A sliding time is written anew when it has moved by this part of itself, not with every message.
const STEP = 1 / 8;

/** When a thread expires; `null`: never. */
export function expiresAt(expiry: Expiry | undefined, updatedAt: number): number | null {
  if (expiry === undefined) return null;
  const { at, slidingMs } = expiry;
  return slidingMs === undefined ? at : Math.max(at, updatedAt + slidingMs);
}

/** What decides about the end of a thread. */
interface Ending {
  readonly expiry?: Expiry;
  readonly hold?: object;
  readonly deletedAt: number | null;
}

/** The time from which a thread has to be looked at because it may have expired; `null`: it need not be. Never later than
 *  `expiresAt`, and at most an eighth of a sliding time earlier. */
export function dueAtOf({ expiry, hold, deletedAt }: Ending): number | null {
  if (expiry === undefined || hold !== undefined || deletedAt !== null) return null;
  return expiry.at;
}

/** A sliding time after something happened; the same object where it need not move. */
export function slid(expiry: Expiry, now: number): Expiry {
  if (expiry.slidingMs === undefined) return expiry;
  const at = now + expiry.slidingMs;
  return at - expiry.at < expiry.slidingMs * STEP ? expiry : { ...expiry, at };
}
