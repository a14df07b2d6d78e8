import { isSkeinError } from "../model/error.ts";
import type { ErrorCode } from "../model/error-codes.ts";

const NOT_OURS: readonly ErrorCode[] = [
  "lease_lost",
  "run_ended",
  "run_not_found",
  "invalid_transition",
  "thread_deleted",
  "thread_not_found",
];

/** True for what a worker is told when somebody else has the run, or there is nothing to write to any more. */
export function isNotOurs(error: unknown): boolean {
  return NOT_OURS.some((code) => isSkeinError(error, code));
}
