import type { Duration } from "../../model/duration.ts";

/** When the time of a thread is over. With none of them a thread has no end. */
export interface EndInput {
  /** From now on. Not beside `expiresAt`. */
  readonly expiresIn?: Duration;
  /** Milliseconds since the epoch. */
  readonly expiresAt?: number;
  /** Counts `expiresIn` from whatever happened last in the thread. Default false. */
  readonly sliding?: boolean;
  /** Erases the thread for good when it expires, which is 24 h after its last change unless something else is said. Default
   *  false: it is deleted, and can be undeleted for 30 days. */
  readonly ephemeral?: boolean;
}
