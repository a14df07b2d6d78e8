import fc from "fast-check";
import { histories } from "./history.test-support.ts";
import { play } from "./play.test-support.ts";
import type { Trace } from "./play.test-support.ts";

/** Proves something about what random histories lead to. */
export function always(property: (trace: Trace) => void, numRuns = 200): void {
  fc.assert(
    fc.property(histories, (history) => property(play(history))),
    { numRuns },
  );
}
