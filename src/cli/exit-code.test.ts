import { expect, test } from "vitest";
import { ERROR_CODES } from "../model/error-codes.ts";
import { SkeinError } from "../model/error.ts";
import { EXIT_OF_ERROR } from "./exit-code.ts";
import { failureOf } from "./failure.ts";

test("every error code has an exit code, and there are no others", () => {
  expect(Object.keys(EXIT_OF_ERROR)).toEqual(Object.keys(ERROR_CODES));
});

test("a failure is one line, whatever the error says", () => {
  const failure = failureOf(
    new SkeinError("thread_not_found", "No\n  such thread.", { field: "id" }),
  );
  expect(failure).toEqual({
    exitCode: 3,
    sentence: "skein: No such thread.",
    json: { error: { code: "thread_not_found", message: "No\n  such thread.", field: "id" } },
  });
  expect(failureOf("odd")).toMatchObject({ exitCode: 1, sentence: "skein: odd" });
  expect(failureOf(new DOMException("stop", "AbortError")).exitCode).toBe(130);
});
