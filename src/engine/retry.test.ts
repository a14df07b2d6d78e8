import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { ErrorCode } from "../model/error-codes.ts";
import { SkeinError } from "../model/error.ts";
import { isRetryable, withRetry } from "./retry.ts";

beforeEach(() => {
  vi.useFakeTimers({ now: Date.UTC(2026, 0, 1) });
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

async function settled<T>(work: Promise<T>): Promise<PromiseSettledResult<T> | undefined> {
  const [outcome] = await Promise.all([Promise.allSettled([work]), vi.runAllTimersAsync()]);
  return outcome[0];
}

/** Fails with the given errors, one per call, then answers with the number of the call. */
function failing(...errors: readonly unknown[]): (attempt: number) => Promise<number> {
  return async (attempt) => {
    const error = errors[attempt - 1];
    // What libraries throw is not always an Error.
    // oxlint-disable-next-line typescript/only-throw-error
    if (error !== undefined) throw error;
    return attempt;
  };
}

describe("withRetry", () => {
  test("tries three times and throws the last error", async () => {
    const errors = [1, 2, 3].map((n) => new SkeinError("store_busy", `try ${n}`));
    const outcome = await settled(withRetry(failing(...errors)));
    expect(outcome).toEqual({ status: "rejected", reason: errors[2] });
  });

  test("waits a random share of a backoff that doubles", async () => {
    vi.spyOn(Math, "random").mockReturnValue(0.5);
    const waits: number[] = [];
    const busy = new SkeinError("overloaded", "busy");
    const outcome = await settled(
      withRetry(failing(busy, busy, busy), {
        attempts: 4,
        onRetry: (_error, attempt, waitMs) => waits.push(attempt, waitMs),
      }),
    );
    expect(outcome).toEqual({ status: "fulfilled", value: 4 });
    expect(waits).toEqual([1, 500, 2, 1_000, 3, 2_000]);
  });

  test("waits as long as the error asks", async () => {
    const waits: number[] = [];
    const onRetry = (_error: unknown, _attempt: number, waitMs: number): unknown =>
      waits.push(waitMs);
    const asked = new SkeinError("overloaded", "busy", { retryAfterMs: 7_000 });
    const http = { status: 503, headers: new Headers({ "retry-after": "3" }) };
    const dated = { status: 429, headers: { "retry-after": "Thu, 01 Jan 2026 00:00:20 GMT" } };
    await settled(withRetry(failing(asked, http), { onRetry }));
    await settled(withRetry(failing(dated), { onRetry }));
    expect(waits).toEqual([7_000, 3_000, 10_000]);
  });

  test("does not wait for more than a minute", async () => {
    const asked = new SkeinError("overloaded", "come back tomorrow", { retryAfterMs: 86_400_000 });
    expect(await settled(withRetry(failing(asked)))).toEqual({ status: "rejected", reason: asked });
  });

  test("throws at once what will not go away", async () => {
    const missing = new SkeinError("thread_not_found", "There is no thread x.");
    const work = vi.fn(failing(missing));
    expect(await settled(withRetry(work))).toEqual({ status: "rejected", reason: missing });
    expect(work).toHaveBeenCalledTimes(1);
  });

  test("stops waiting when the signal fires", async () => {
    const controller = new AbortController();
    const busy = new SkeinError("store_busy", "busy", { retryAfterMs: 50_000 });
    const work = withRetry(failing(busy), { signal: controller.signal });
    const outcome = Promise.allSettled([work]);
    await vi.advanceTimersByTimeAsync(10);
    controller.abort();
    expect((await outcome)[0]).toMatchObject({ reason: { code: "aborted" } });
    expect(vi.getTimerCount()).toBe(0);
  });
});

test("only what may go away by itself is worth another try", () => {
  const codes: readonly (readonly [ErrorCode, boolean])[] = [
    ["overloaded", true],
    ["store_busy", true],
    ["store_unavailable", true],
    ["timeout", true],
    ["model_error", false],
    ["thread_not_found", false],
    ["version_conflict", false],
    ["store_full", false],
  ];
  for (const [code, expected] of codes)
    expect(isRetryable(new SkeinError(code, code)), code).toBe(expected);
  const model = new SkeinError("model_error", "529", { details: { isRetryable: true } });
  expect(isRetryable(model)).toBe(true);
  expect(isRetryable({ status: 429 })).toBe(true);
  expect(isRetryable({ statusCode: 502 })).toBe(true);
  expect(isRetryable({ status: 400 })).toBe(false);
  const refused = Object.assign(new Error("refused"), { code: "ECONNREFUSED" });
  expect(isRetryable(new TypeError("fetch failed", { cause: refused }))).toBe(true);
  expect(isRetryable(new TypeError("x is not a function"))).toBe(false);
  expect(isRetryable("a text")).toBe(false);
});
