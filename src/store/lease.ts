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
  /** Whether the process behind an instance lives: it has shown so within the last 15 seconds. Where the store is a file, a
   *  lock of the operating system shows at once that a process is dead. */
  isAlive(instance: string): Promise<boolean>;
  /** How often this process failed to show in time that it lives; each time others may have taken what it had. Costs nothing.
   *  Absent: others cannot take anything for as long as it lives. */
  readonly lapses?: number;
  /** Milliseconds since the epoch on the clock that the store goes by, as far as this process knows it. Costs nothing. Absent:
   *  the clock of this machine. */
  now?(): number;
}
