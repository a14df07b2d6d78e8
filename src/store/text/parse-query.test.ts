import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { matches } from "./matches.ts";
import { parseQuery } from "./parse-query.ts";
import { tokenize } from "./tokenize.ts";

const isFound = (query: string, text: string): boolean =>
  matches(parseQuery(query), tokenize(text));

const word = { isPrefix: false };

describe("parseQuery", () => {
  test("words, phrases, exclusions, alternatives and prefixes are understood", () => {
    expect(parseQuery('red "big car" -blue one OR two pre*')).toEqual({
      all: [
        [{ ...word, words: ["red"] }],
        [{ ...word, words: ["big", "car"] }],
        [
          { ...word, words: ["one"] },
          { ...word, words: ["two"] },
        ],
        [{ words: ["pre"], isPrefix: true }],
      ],
      none: [{ ...word, words: ["blue"] }],
    });
  });

  test("odd input is read as far as it makes sense", () => {
    expect(parseQuery("").all).toEqual([]);
    expect(parseQuery('  * - -- OR \u0000 😀 "').all).toEqual([]);
    expect(parseQuery('"open end').all).toEqual([[{ ...word, words: ["open", "end"] }]]);
    expect(parseQuery("OR a OR").all).toEqual([[{ ...word, words: ["a"] }]]);
    expect(parseQuery('-"not this" --verbose')).toEqual({
      all: [[{ ...word, words: ["verbose"] }]],
      none: [{ ...word, words: ["not", "this"] }],
    });
    expect(parseQuery('"big ca"*').all).toEqual([[{ words: ["big", "ca"], isPrefix: true }]]);
    expect(parseQuery("“curly quotes”").all).toEqual([[{ ...word, words: ["curly", "quotes"] }]]);
  });

  test("it never throws and stays small", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: "binary" }),
          fc.string({
            unit: fc.constantFrom("a", "B", '"', "-", "*", " ", "OR ", "_", "東", "\n"),
          }),
        ),
        (text) => {
          const { all, none } = parseQuery(text);
          const terms = [...all.flat(), ...none];
          expect(terms.length).toBeLessThanOrEqual(64);
          expect(terms.every((term) => term.words.length > 0)).toBe(true);
          expect(all.every((group) => group.length > 0)).toBe(true);
        },
      ),
      { numRuns: 2000 },
    );
    expect(parseQuery("x ".repeat(100_000)).all).toHaveLength(64);
  });
});

describe("matches", () => {
  test("all words are required, in any order", () => {
    expect(isFound("fox quick", "The quick brown fox")).toBe(true);
    expect(isFound("fox dog", "The quick brown fox")).toBe(false);
  });

  test("a phrase needs its words side by side", () => {
    expect(isFound('"quick brown"', "The quick, brown fox")).toBe(true);
    expect(isFound('"quick fox"', "The quick brown fox")).toBe(false);
  });

  test("an excluded word excludes, and alone finds nothing", () => {
    expect(isFound("fox -dog", "fox and dog")).toBe(false);
    expect(isFound("fox -dog", "fox and cat")).toBe(true);
    expect(isFound("-dog", "fox and cat")).toBe(false);
    expect(isFound("", "fox")).toBe(false);
  });

  test("identifiers are found whole, by pieces and by prefix", () => {
    const text = "call read_file, then getUserName()";
    expect(isFound("read_file", text)).toBe(true);
    expect(isFound("file", text)).toBe(true);
    expect(isFound("file_read", text)).toBe(false);
    expect(isFound("getusername", text)).toBe(true);
    expect(isFound("user", text)).toBe(true);
    expect(isFound("getUs*", text)).toBe(true);
    expect(isFound("nam*", text)).toBe(true);
  });

  test("any substring of a text without spaces is found", () => {
    expect(isFound("京都", "私は京都へ行く")).toBe(true);
    expect(isFound("都京", "私は京都へ行く")).toBe(false);
    expect(isFound("학교", "학교에서 왔다")).toBe(true);
  });

  test("any stretch of words of a text is a phrase that finds it", () => {
    fc.assert(
      fc.property(
        fc.array(fc.stringMatching(/^[a-zA-Zäß東]{1,6}$/), { minLength: 1, maxLength: 30 }),
        fc.nat(),
        fc.nat(),
        (text, from, length) => {
          const start = from % text.length;
          const phrase = text.slice(start, start + 1 + (length % 5)).join(" ");
          expect(isFound(`"${phrase}"`, text.join(" "))).toBe(true);
        },
      ),
    );
  });
});
