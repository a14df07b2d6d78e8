import type { Run, Step } from "../model/run.ts";
import type { Operation } from "./key.ts";

/** What callers were promised by a thread: that an id is taken, that a command is not carried out twice. */
export interface ThreadClaims {
  /** Message ids that callers chose, with the version that brought each, by version. */
  readonly givenIds: readonly { readonly id: string; readonly version: number }[];
  /** By their last version. */
  readonly operations: readonly Operation[];
}

/** What a trim leaves beside messages, and the log that begins with the trim does not say. */
export interface Earlier extends ThreadClaims {
  /** Runs that ended before the log begins, the oldest first. */
  readonly runs: readonly Run[];
  /** Their steps, and those that open runs had then, run by run. */
  readonly steps: readonly Step[];
}
