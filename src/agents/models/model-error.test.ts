import { APICallError } from "@ai-sdk/provider";
import { expect, test } from "vitest";
import { SkeinError } from "../../model/error.ts";
import { toModelError } from "./model-error.ts";

const NOW = Date.UTC(2025, 0, 1);
const signal = new AbortController().signal;
const call = { model: "openai/x", keyVariable: "OPENAI_API_KEY", signal, now: NOW };

function refused(fields: Partial<ConstructorParameters<typeof APICallError>[0]>): APICallError {
  return new APICallError({
    message: "no",
    url: "https://user:pass@example.com/v1/chat?key=hidden",
    requestBodyValues: { messages: ["private words"] },
    statusCode: 429,
    ...fields,
  });
}

test.each([
  [{ "retry-after": "3" }, 3_000],
  [{ "retry-after-ms": "250", "retry-after": "3" }, 250],
  [{ "retry-after": "Wed, 01 Jan 2025 00:00:20 GMT" }, 20_000],
  [{ "retry-after": "Tue, 31 Dec 2024 00:00:00 GMT" }, 0],
  [{ "retry-after": "99999999" }, 3_600_000],
  [{ "retry-after": "soon" }, undefined],
  [{}, undefined],
])("headers %j mean a wait of %s ms", (responseHeaders, wait) => {
  expect(toModelError(refused({ responseHeaders }), call).retryAfterMs).toBe(wait);
});

test("neither body, headers, address secrets nor keys get into the error", () => {
  const error = toModelError(
    refused({
      statusCode: 400,
      message: "Incorrect API key provided: sk-proj-abc123456789, see Bearer abcdefgh12345678",
      responseHeaders: { "x-secret": "hidden" },
      responseBody: "private words",
    }),
    call,
  );
  const shown = JSON.stringify(
    error,
    Object.getOwnPropertyNames(error).filter((name) => name !== "stack"),
  );
  expect(error.message).toContain("Incorrect API key provided: [key]");
  expect(shown).not.toMatch(/abc123|abcdefgh|hidden|private|pass@/);
  expect(error.cause).toBeUndefined();
});

test("an address is told without its user and query where it helps", () => {
  const url = "https://user:pass@example.com/v1/chat?key=hidden";
  const unreachable = new APICallError({
    message: "connect ECONNREFUSED",
    url,
    requestBodyValues: {},
  });
  const { message } = toModelError(unreachable, call);
  expect(message).toBe(
    "Cannot reach the provider of openai/x at https://example.com/v1/chat: connect ECONNREFUSED",
  );
});

test("a long message is cut", () => {
  expect(toModelError(refused({ message: "x".repeat(5_000) }), call).message.length).toBeLessThan(
    400,
  );
});

test("what is not an error at all still becomes one", () => {
  for (const thrown of [undefined, null, "text", 7, {}])
    expect(toModelError(thrown, call)).toMatchObject({
      code: "model_error",
      details: { isRetryable: true },
    });
});

test("our own errors pass unchanged, and after an abort everything is one", () => {
  const own = new SkeinError("unsupported_part", "no");
  expect(toModelError(own, call)).toBe(own);
  expect(toModelError(own, { ...call, signal: AbortSignal.abort() }).code).toBe("aborted");
});
