/** What a batch did, for whoever keeps lists and indexes up to date. */
export interface BatchLog {
  /** Threads that changed, but for new ones. */
  readonly tids: Set<number>;
  entries: number;
  readonly erased: ErasedMessage[];
}

/** A redacted message and the thread that wrote it. */
export interface ErasedMessage {
  readonly tid: number;
  readonly messageId: string;
}
