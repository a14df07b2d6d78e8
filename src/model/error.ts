import type { ErrorCode } from "./error-codes.ts";
import type { JsonObject } from "./json.ts";

// A registered symbol, so that the check holds across two copies of the package.
const MARK: symbol = Symbol.for("skein.error");

export interface SkeinErrorOptions {
  /** The field of the input that is wrong, in the caller's spelling. */
  readonly field?: string;
  /** Data for programs: limits, actual values, holders. Never a secret. */
  readonly details?: JsonObject;
  readonly cause?: unknown;
  /** Milliseconds after which trying again makes sense. */
  readonly retryAfterMs?: number;
}

/** The one error class of Skein. Branch on `code`, which is stable; the message is for people. */
export class SkeinError extends Error {
  readonly code: ErrorCode;
  readonly field: string | undefined;
  readonly details: JsonObject | undefined;
  readonly retryAfterMs: number | undefined;

  constructor(code: ErrorCode, message: string, options: SkeinErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "SkeinError";
    this.code = code;
    this.field = options.field;
    this.details = options.details;
    this.retryAfterMs = options.retryAfterMs;
    Object.defineProperty(this, MARK, { value: true });
  }
}

/** True for a SkeinError of any copy of the package; with `code`, only for that one. */
export function isSkeinError(error: unknown, code?: ErrorCode): error is SkeinError {
  return (
    typeof error === "object" &&
    error !== null &&
    MARK in error &&
    (code === undefined || (error as SkeinError).code === code)
  );
}
