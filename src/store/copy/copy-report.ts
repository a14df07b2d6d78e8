import type { ThreadKey } from "../key.ts";
import type { Store } from "../store.ts";

export interface CopyOptions {
  readonly from: Store;
  readonly to: Store;
  /** Threads that are under way at once. Default 8. */
  readonly concurrency?: number;
  /** Called after each thread. */
  readonly onProgress?: (progress: CopyProgress) => void;
  /** Stops between two pages of a thread; what is written so far is kept. */
  readonly signal?: AbortSignal;
}

export interface CopyProgress {
  readonly phase: "copy" | "purge" | "verify";
  /** Threads looked at in this phase. */
  readonly threads: number;
  /** Entries written, or compared. */
  readonly entries: number;
  readonly blobs: number;
}

export interface CopyProblem extends ThreadKey {
  /** A sentence that says what is wrong with the thread. */
  readonly problem: string;
}

export interface CopyReport {
  /** Threads of the source, purged ones too. */
  readonly threads: number;
  /** Those that were brought or brought further. */
  readonly copied: number;
  readonly entries: number;
  readonly blobs: number;
  /** Threads that were refused. Nothing was written to them. */
  readonly problems: readonly CopyProblem[];
}

export interface VerifyReport {
  readonly threads: number;
  readonly entries: number;
  readonly blobs: number;
  /** Threads that the source changed since they were copied. What was copied of them is the same in both. */
  readonly behind: number;
  /** Threads that are missing or differ. */
  readonly problems: readonly CopyProblem[];
}
