import type { ThreadKey } from "../store/key.ts";

/** Names a run. Payloads stay in the store. */
export interface RunRef {
  readonly key: ThreadKey;
  readonly runId: string;
  /** The run's fence when it was found; whoever claims it first has it. */
  readonly fence?: number;
}

/** What a worker is for: the runs of one thread, or one run. */
export interface WorkScope {
  readonly key: ThreadKey;
  readonly runId?: string;
}

/** What carries runs out. Delivery is at least once: a run may be submitted twice, by several processes and after its end;
 *  the store decides who may write. */
export interface RunEngine {
  /** Works on the run as soon as there is room. Ignored while this process already does. */
  submit(ref: RunRef): void;
  /** Stops the work on a run that was asked to stop, if it happens in this process. */
  cancel(ref: RunRef): void;
  /** Starts working, beginning with what dead processes left and what waits. With `only`, on nothing else: for a process
   *  that will not stay. */
  recover(only?: WorkScope): Promise<void>;
  /** Takes nothing new, waits up to `graceMs` for what is under way, then gives the rest up: any other process may take it at
   *  once, whether this one lives on or not. */
  drain(graceMs: number): Promise<void>;
}
