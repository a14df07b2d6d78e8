import { isSkeinError, SkeinError } from "../model/error.ts";

const DEFAULT_ATTEMPTS = 3;
const DEFAULT_BASE_MS = 1_000;
const DEFAULT_FACTOR = 2;
// Who is told to wait longer than this is better told the reason at once.
const LONGEST_WAIT_MS = 60_000;

export interface RetryOptions {
  /** Tries in all, the first one included. Default 3. */
  readonly attempts?: number;
  /** Longest wait before the second try, default 1,000 ms; each further one is `factor` (default 2) times as long.
   *  The wait is a random share of it, unless the error says how long to wait. */
  readonly baseMs?: number;
  readonly factor?: number;
  /** Called before each wait, with the number of the try that failed, from 1. */
  readonly onRetry?: (error: unknown, attempt: number, waitMs: number) => void;
  /** Ends the waiting with `aborted`. */
  readonly signal?: AbortSignal;
  /** Default: `isRetryable` of this module. */
  readonly isRetryable?: (error: unknown) => boolean;
}

/** Calls `work` until it succeeds, fails for good, or has been tried `attempts` times; then its last error is thrown.
 *  An error that asks for a wait of more than a minute is thrown at once. `work` must be safe to repeat. */
export async function withRetry<T>(
  work: (attempt: number) => Promise<T> | T,
  options: RetryOptions = {},
): Promise<T> {
  const { attempts = DEFAULT_ATTEMPTS, onRetry, signal } = options;
  const canRetry = options.isRetryable ?? isRetryable;
  for (let attempt = 1; ; attempt++) {
    if (signal?.aborted === true) throw aborted();
    try {
      return await work(attempt);
    } catch (error) {
      if (attempt >= attempts || !canRetry(error)) throw error;
      const waitMs = retryDelayMs(error, attempt, options);
      if (waitMs > LONGEST_WAIT_MS) throw error;
      onRetry?.(error, attempt, waitMs);
      await sleep(waitMs, signal);
    }
  }
}

/** How long to wait after the failed try number `attempt`: what the error asks for, else a random share of the backoff. */
export function retryDelayMs(
  error: unknown,
  attempt: number,
  { baseMs = DEFAULT_BASE_MS, factor = DEFAULT_FACTOR }: RetryOptions = {},
): number {
  const asked = retryAfterMs(error);
  const backoffMs = Math.min(baseMs * factor ** (attempt - 1), LONGEST_WAIT_MS);
  return asked ?? Math.round(Math.random() * backoffMs);
}

const RETRYABLE_CODES: ReadonlySet<string> = new Set([
  "overloaded",
  "store_busy",
  "store_unavailable",
  "timeout",
]);
const NETWORK_CODES: ReadonlySet<string> = new Set([
  "EAI_AGAIN",
  "ECONNABORTED",
  "ECONNREFUSED",
  "ECONNRESET",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "EPIPE",
  "ETIMEDOUT",
  "UND_ERR_BODY_TIMEOUT",
  "UND_ERR_CONNECT_TIMEOUT",
  "UND_ERR_HEADERS_TIMEOUT",
  "UND_ERR_SOCKET",
]);

/** True for what may go away by itself: overload, timeouts, broken connections, HTTP 429 and 5xx, model errors that say so.
 *  What is missing, refused or wrong stays so. */
export function isRetryable(error: unknown): boolean {
  if (typeof error !== "object" || error === null) return false;
  if (isSkeinError(error)) {
    if (error.code === "model_error") return error.details?.["isRetryable"] === true;
    return RETRYABLE_CODES.has(error.code);
  }
  const status = field(error, "status") ?? field(error, "statusCode");
  if (typeof status === "number") return status === 429 || status >= 500;
  const code = field(error, "code");
  if (typeof code === "string" && NETWORK_CODES.has(code)) return true;
  // `fetch` wraps the cause of a broken connection.
  return isRetryable(field(error, "cause"));
}

function retryAfterMs(error: unknown): number | undefined {
  if (isSkeinError(error)) return error.retryAfterMs;
  if (typeof error !== "object" || error === null) return undefined;
  const headers = field(error, "headers");
  const value =
    headers instanceof Headers
      ? headers.get("retry-after")
      : typeof headers === "object" && headers !== null
        ? field(headers, "retry-after")
        : undefined;
  if (typeof value !== "string" || value.trim() === "") return undefined;
  const seconds = Number(value);
  const waitMs = Number.isFinite(seconds) ? seconds * 1_000 : Date.parse(value) - Date.now();
  return Number.isFinite(waitMs) ? Math.max(0, Math.ceil(waitMs)) : undefined;
}

function field(value: object, name: string): unknown {
  return name in value ? Reflect.get(value, name) : undefined;
}

function aborted(): SkeinError {
  return new SkeinError("aborted", "The caller aborted the operation.");
}

/** Waits; rejects with `aborted` as soon as the signal fires. */
export function sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) return reject(aborted());
    const onAbort = (): void => {
      clearTimeout(timer);
      reject(aborted());
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", onAbort);
      resolve();
    }, milliseconds);
    signal?.addEventListener("abort", onAbort, { once: true });
  });
}
