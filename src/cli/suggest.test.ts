import { expect, test } from "vitest";
import { suggest } from "./suggest.ts";

test("a slip of the fingers gets the word that was meant", () => {
  const names = ["list", "show", "search", "archive", "unarchive"];
  expect(suggest("lst", names)).toBe("list");
  expect(suggest("serach", names)).toBe("search");
  expect(suggest("arch", names)).toBe("archive");
});

test("a word that resembles nothing gets no suggestion", () => {
  expect(suggest("banana", ["list", "show"])).toBeUndefined();
  expect(suggest("x", ["tag", "new"])).toBeUndefined();
});
