import type { Plan } from "./plan.ts";

/** Something that is not as it must be. */
export interface Finding {
  readonly threadId: string;
  readonly problem: string;
  /** Present when it can be made from the log again. */
  readonly repair?: () => Plan<unknown>;
}
