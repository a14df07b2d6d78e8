import type { Failure } from "./webhook.ts";
import type { Progress } from "./endpoint.ts";

const OPEN_AFTER = 5;
const LONGEST_PAUSE_MS = 300_000;

/** True when so much failed in a row that the endpoint, and not what it was sent, must be the reason. */
export function isDown({ failures }: Pick<Progress, "failures">): boolean {
  return failures >= OPEN_AFTER;
}

export function afterSuccess(progress: Progress, now: number): Progress {
  return {
    ...progress,
    failures: 0,
    pausedUntil: null,
    delivered: progress.delivered + 1,
    lastSuccessAt: now,
    // It is back: nothing has to wait for it any more.
    ...(isDown(progress) && { late: progress.late.map((late) => ({ ...late, nextAt: now })) }),
  };
}

/** @param delaysMs  as between tries; the pauses of an endpoint that is down are at most five minutes */
export function afterFailure(
  progress: Progress,
  failure: Failure,
  delaysMs: readonly number[],
): Progress {
  const failures = progress.failures + 1;
  const pause = Math.min(delaysMs[failures - OPEN_AFTER] ?? LONGEST_PAUSE_MS, LONGEST_PAUSE_MS);
  return {
    ...progress,
    failures,
    pausedUntil: isDown({ failures }) ? failure.at + pause : null,
    lastFailure: failure,
  };
}

export function failureOf(
  at: number,
  { status, message }: { readonly status: number | null; readonly message: string | null },
): Failure {
  return { at, status, message: message ?? "The delivery failed." };
}
