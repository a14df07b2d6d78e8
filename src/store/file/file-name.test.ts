import fc from "fast-check";
import { expect, test } from "vitest";
import { fileNameOf } from "./file-name.ts";

const odd = fc.oneof(
  fc.string({
    unit: fc.constantFrom(
      "a",
      "A",
      "b",
      "9",
      ".",
      "_",
      ":",
      "-",
      "%",
      "~",
      "/",
      "\\",
      " ",
      "é",
      "\0",
      "\ud800",
    ),
  }),
  fc.string({ unit: "binary" }),
  fc.constantFrom("", ".", "..", "con", "CON", "nul", "com1", "lpt9", "aux.txt", "~", "%", "%2e"),
  fc.string({ unit: fc.constantFrom("A", "a"), minLength: 100, maxLength: 128 }),
);

test("different ids have different names, whatever the file system thinks of case", () => {
  fc.assert(
    fc.property(odd, odd, (one, two) => {
      if (one !== two)
        expect(fileNameOf(one).toLowerCase()).not.toBe(fileNameOf(two).toLowerCase());
      else expect(fileNameOf(one)).toBe(fileNameOf(two));
    }),
    { numRuns: 2_000 },
  );
});

test("a name is a plain one on every system, and short", () => {
  fc.assert(
    fc.property(odd, (id) => {
      const name = fileNameOf(id);
      expect(name).toMatch(/^[a-z0-9_%~-]{1,200}$/u);
      expect(name).not.toMatch(/^(?:con|prn|aux|nul|com\d|lpt\d)$/u);
    }),
    { numRuns: 1_000 },
  );
});

test("the usual ids stay readable", () => {
  const id = "0199f2d4-1b7c-7000-8000-5a2b3c4d5e6f";
  expect(fileNameOf(id)).toBe(id);
  expect(fileNameOf("th_Support.2")).toBe("th_%53upport%2e2");
  expect(fileNameOf("../secret")).toBe("%2e%2e%2fsecret");
});
