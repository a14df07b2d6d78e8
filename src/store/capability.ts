/** What a store can do. The defaults are those of an adapter that says nothing. */
export interface Capabilities {
  /** Acknowledged writes survive a crash of the process and of the machine. Default false. */
  readonly durable: boolean;
  /** Several processes may use the store at once. Default false. */
  readonly multiProcess: boolean;
  /** A fork shares its origin's messages instead of copying them. Default false. */
  readonly sharedForks: boolean;
  /** One commit may change several threads. Default false. */
  readonly multiThreadCommit: boolean;
  /** Full-text search. Default false. */
  readonly search: boolean;
  /** Leases run on the store's clock, so that clocks of hosts do not matter. Default false. */
  readonly serverClock: boolean;
}

export const DEFAULT_CAPABILITIES: Capabilities = {
  durable: false,
  multiProcess: false,
  sharedForks: false,
  multiThreadCommit: false,
  search: false,
  serverClock: false,
};
