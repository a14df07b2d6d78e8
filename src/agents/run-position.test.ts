import fc from "fast-check";
import { expect, test } from "vitest";
import { advanced, readPosition, RUN_START, writeEnd, writePosition } from "./run-position.ts";

test("a position survives being written and read", () => {
  const position = fc.record({
    step: fc.nat(30_000),
    attempt: fc.nat(40),
    offsets: fc.array(fc.nat(10_000_000), { maxLength: 20 }),
  });
  fc.assert(
    fc.property(position, (given) => {
      expect(readPosition(writePosition(given))).toEqual(given);
    }),
  );
});

test("positions sort as they are reached, and the end is last", () => {
  const start = RUN_START;
  const reached = [
    start,
    { ...start, attempt: 1 },
    advanced({ ...start, attempt: 1 }, 0, 0),
    advanced({ ...start, attempt: 1 }, 0, 9),
    advanced({ ...start, attempt: 1 }, 0, 40),
    advanced(advanced({ ...start, attempt: 1 }, 0, 40), 1, 0),
    advanced(advanced({ ...start, attempt: 1 }, 0, 40), 1, 7),
    { step: 0, attempt: 2, offsets: [] },
    { step: 1, attempt: 0, offsets: [] },
    { step: 40, attempt: 0, offsets: [] },
  ];
  const texts = [...reached.map(writePosition), writeEnd()];
  expect(texts.toSorted()).toEqual(texts);
  expect(new Set(texts).size).toBe(texts.length);
  expect(readPosition(writeEnd())).toBe("end");
});

test.each(["", "0", "0000.00", "0000.00.00000000.", "0000.00.0000000g0", "~~", "%00"])(
  "%j is not a position",
  (given) => {
    expect(() => readPosition(given)).toThrow(expect.objectContaining({ code: "invalid_cursor" }));
  },
);
