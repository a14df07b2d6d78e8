import fc from "fast-check";
import { expect, test } from "vitest";
import { idOf, nameOf, tenantKeys, userOf } from "./names.ts";

const anything = fc.string({ unit: "binary", maxLength: 12 });
const broken = fc
  .array(fc.constantFrom("\ud83e", "\uddf5", "a", "\\", '"', "\u0000", "}", ":", "%"), {
    maxLength: 6,
  })
  .map((units) => units.join(""));

test("a name is UTF-8, and leads back to its id", () => {
  fc.assert(
    fc.property(fc.oneof(anything, broken), (id) => {
      expect(Buffer.from(nameOf(id)).toString()).toBe(nameOf(id));
      expect(idOf(nameOf(id))).toBe(id);
    }),
  );
});

test("usual ids are their own names", () => {
  expect(nameOf("th_01J.a:b-c")).toBe("th_01J.a:b-c");
  expect(nameOf("größer 🧵")).toBe("größer 🧵");
});

test("no two tenants have keys that begin alike, and each has one slot", () => {
  fc.assert(
    fc.property(broken, broken, (a, b) => {
      const [one, two] = [tenantKeys("skein", a), tenantKeys("skein", b)];
      expect(one).toMatch(/^skein:\{[^{}]+\}:$/u);
      expect(one === two).toBe(a === b);
    }),
  );
});

test("nobody is called everybody", () => {
  expect(userOf("")).not.toBe(userOf(null));
});
