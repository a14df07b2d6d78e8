import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { EXIT_OF_ERROR } from "../../src/cli/exit-code.ts";
import { STATUS } from "../../src/http/native/status.ts";
import { ERROR_CODES } from "../../src/model/error-codes.ts";
import type { ErrorCode } from "../../src/model/error-codes.ts";

const page = readFileSync(new URL("../../docs/errors.md", import.meta.url), "utf8");
const rows = page
  .split("\n")
  .filter((line) => line.startsWith("| `"))
  .map((line) => line.slice(2, -2).split(" | "));

test("docs/errors.md has every error code once, with its status, exit code and meaning", () => {
  const codes = Object.keys(ERROR_CODES) as ErrorCode[];
  expect(rows).toEqual(
    codes.map((code) => [
      `\`${code}\``,
      `${STATUS[code]}`,
      `${EXIT_OF_ERROR[code]}`,
      ERROR_CODES[code],
    ]),
  );
});
