import { expect, test } from "vitest";
import { oneLine, printable } from "./printable.ts";

test("what could steer a terminal is shown as a replacement character", () => {
  expect(printable("a\u001b[2Jb\rc\u0007\n\td\u009b")).toBe("a\ufffd[2Jb\ufffdc\ufffd\n\td\ufffd");
});

test("a cut line ends in an ellipsis and never in half a character", () => {
  expect(oneLine("a  b\nc", 10)).toBe("a b c");
  expect(oneLine("abcdef", 4)).toBe("abc…");
  expect(oneLine("ab\u{1f600}cd", 4)).toBe("ab…");
});
