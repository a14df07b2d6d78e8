import type { Clock } from "../engine/clock.ts";
import type { Run } from "../model/run.ts";
import type { RunStop } from "./run-stop.ts";

// The longest that a timer takes.
const MOST_TIMER_MS = 2_147_483_647;

/** Stops the work on a run when its time is over, also when it is over already. Answers how to forget it. */
export function watchExpiry({ expiresAt }: Run, stop: RunStop, clock: Clock): () => void {
  if (expiresAt === undefined) return () => {};
  let timer: NodeJS.Timeout | undefined;
  const look = (): void => {
    const leftMs = expiresAt - clock();
    if (leftMs <= 0) stop.stop("expired");
    else timer = setTimeout(look, Math.min(leftMs, MOST_TIMER_MS)).unref();
  };
  look();
  return () => clearTimeout(timer);
}
