import fc from "fast-check";
import { expect, test } from "vitest";
import { findMatches } from "./find-matches.ts";
import { parseQuery } from "./parse-query.ts";
import { isPlainAscii } from "./plain-ascii.ts";
import { tokenize } from "./tokenize.ts";

const piece = fc.oneof(
  fc.constantFrom(
    "alpha",
    "Alpha",
    "alphabet",
    "beta",
    "BETA",
    "a1",
    "x".repeat(64),
    "x".repeat(65),
  ),
  fc.constantFrom("getUser", "HTTPServer", "read_file", " ", ". ", "-", "\u0000", "ä", "1", "A1b"),
);
const text = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(""));

test("plain text is text whose tokens are its runs of letters and digits", () => {
  fc.assert(
    fc.property(text, (content) => {
      const runs = content.toLowerCase().match(/[0-9a-z]+/g) ?? [];
      const tokens = tokenize(content);
      const isSame =
        tokens.every((token) => token.parts === undefined) &&
        JSON.stringify(tokens.map((token) => token.text)) === JSON.stringify(runs);
      expect(isSame || !isPlainAscii(content)).toBe(true);
    }),
    { numRuns: 2000 },
  );
  expect(isPlainAscii("Most text, like THIS one with 3 numbers, is plain.")).toBe(true);
  expect(["getUser", "HTTPServer", "naïve", "x".repeat(65)].some(isPlainAscii)).toBe(false);
});

test("in plain text the same is found as in any other", () => {
  const query = fc
    .array(
      fc
        .tuple(text, fc.constantFrom("", "*"), fc.boolean())
        .map(([words, star, isQuoted]) => (isQuoted ? `"${words}"${star}` : `${words}${star}`)),
      { minLength: 1, maxLength: 3 },
    )
    .map((terms) => terms.join(" OR "));
  fc.assert(
    fc.property(text, query, (content, asked) => {
      const parsed = parseQuery(asked);
      // A letter of another script at the end makes it other text, and changes nothing before it.
      expect(findMatches(content, parsed)).toEqual(
        findMatches(`${content} \u00E9\u00E9\u00E9`, parsed),
      );
    }),
    { numRuns: 3000 },
  );
});
