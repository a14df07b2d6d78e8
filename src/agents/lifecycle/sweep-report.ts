/** What a sweep did; of a dry run, what it would do. Threads that go with the one that they belong to are counted, too. */
export interface SweepReport {
  readonly dryRun: boolean;
  readonly archived: number;
  readonly deleted: number;
  readonly purged: number;
  /** Left alone because they are held. */
  readonly held: number;
  /** Left alone because a run works on them, or they changed meanwhile. A later sweep looks at them again. */
  readonly busy: number;
  readonly failed: number;
  /** True: nothing was done, because another process is sweeping. */
  readonly isElsewhere?: true;
}

export interface SweepOptions {
  /** Only counts. Default false. */
  readonly dryRun?: boolean;
  /** Called after every page of at most 200 threads. */
  readonly onProgress?: (report: SweepReport) => void;
  /** Ends the sweep after the page at hand. */
  readonly signal?: AbortSignal;
}

export type Count = "archived" | "deleted" | "purged" | "held" | "busy" | "failed";

export function emptyReport(dryRun: boolean): SweepReport {
  return { dryRun, archived: 0, deleted: 0, purged: 0, held: 0, busy: 0, failed: 0 };
}
