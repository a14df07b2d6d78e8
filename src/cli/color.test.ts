import { expect, test } from "vitest";
import { wantsColor } from "./color.ts";

const terminal = { isTTY: true };

test("a terminal gets colours, a pipe does not", () => {
  expect(wantsColor(undefined, {}, terminal)).toBe(true);
  expect(wantsColor(undefined, {}, { isTTY: false })).toBe(false);
});

test("NO_COLOR and TERM=dumb turn colours off, FORCE_COLOR turns them on", () => {
  expect(wantsColor(undefined, { NO_COLOR: "1" }, terminal)).toBe(false);
  expect(wantsColor(undefined, { NO_COLOR: "" }, terminal)).toBe(true);
  expect(wantsColor(undefined, { TERM: "dumb" }, terminal)).toBe(false);
  expect(wantsColor(undefined, { FORCE_COLOR: "1", NO_COLOR: "1" }, { isTTY: false })).toBe(true);
  expect(wantsColor(undefined, { FORCE_COLOR: "0" }, terminal)).toBe(false);
});

test("the flag wins over the environment", () => {
  expect(wantsColor(false, { FORCE_COLOR: "1" }, terminal)).toBe(false);
  expect(wantsColor(true, { NO_COLOR: "1" }, { isTTY: false })).toBe(true);
});
