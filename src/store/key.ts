/** Names a thread: ids are unique within a tenant. */
export interface ThreadKey {
  readonly tenant: string;
  readonly id: string;
}

/** On whose behalf something is read. `user: null` sees every thread of the tenant; a user sees the threads
 *  that they own or are a member of. Adapters put it into the predicate of every query that takes one. */
export interface Reader {
  readonly tenant: string;
  readonly user: string | null;
}

/** Remembers a command, so that its repetition gets the original result. Kept as long as the thread. */
export interface Operation {
  readonly user: string;
  readonly opId: string;
  /** Hash of the command; another command under the same key is refused. */
  readonly digest: string;
  readonly fromVersion: number;
  readonly toVersion: number;
}
