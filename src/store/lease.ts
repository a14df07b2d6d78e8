/** The exclusive right to something, with a number that only grows. */
export interface Lease {
  readonly key: string;
  readonly holder: string;
  readonly fence: number;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

export interface LeaseStore {
  /** Names this open store among all processes that use the same data. */
  readonly instance: string;
  /** Takes the lease if nobody has it, its time is over, or the process that took it is dead. Otherwise answers
   *  with the present holder's. A renewal by the same holder keeps the fence. */
  acquireLease(
    key: string,
    holder: string,
    ttlMs: number,
  ): Promise<{ readonly isMine: boolean; readonly lease: Lease }>;
  /** Gives it up; ignored when it is no longer the holder's. */
  releaseLease(lease: Lease): Promise<void>;
  /** Whether the process behind an instance lives. An OS lock decides, not a clock, where the store is a file. */
  isAlive(instance: string): Promise<boolean>;
}
