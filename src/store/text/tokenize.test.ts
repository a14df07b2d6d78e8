import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fold } from "./fold.ts";
import { indexedWords } from "./indexed-words.ts";
import { MAX_TOKEN_LENGTH, tokenize } from "./tokenize.ts";

const words = (text: string): string[] => tokenize(text).map((token) => token.text);

/** Texts in which scripts, marks, pairs, joiners and lone surrogates meet. */
const anyText = fc
  .array(
    fc.oneof(
      fc.string({ unit: "binary", maxLength: 8 }),
      fc.string({ unit: "grapheme", maxLength: 8 }),
      fc.constantFrom(
        "naïve",
        "Größe",
        "ΟΔΟΣ",
        "東京",
        "ガﾞ",
        "한국",
        "한",
        "e\u0301",
        "\u00AD",
        "שָׁלוֹם",
        "مُحَمَّد",
      ),
      fc.constantFrom(
        "getUserName",
        "\uD800",
        "\uDC00",
        "😀",
        "ﬁ",
        "½",
        "ภาษา",
        "हिन्दी",
        " ",
        "_",
        "ͺ",
      ),
    ),
    { maxLength: 12 },
  )
  .map((pieces) => pieces.join(""));

describe("tokenize", () => {
  test("words are runs of letters and digits in lower case", () => {
    expect(words("Hello, World! It's 3.14 (v2)")).toEqual([
      "hello",
      "world",
      "it",
      "s",
      "3",
      "14",
      "v2",
    ]);
  });

  test("accents and variants of letters do not matter", () => {
    expect(
      words("Café CAFÉ cafe\u0301 naïve Größe Straße łódź ŒUVRE ΟΔΟΣ οδος ﬁle Ａ１ ё"),
    ).toEqual([
      "cafe",
      "cafe",
      "cafe",
      "naive",
      "grosse",
      "strasse",
      "lodz",
      "oeuvre",
      "οδοσ",
      "οδοσ",
      "file",
      "a1",
      "е",
    ]);
  });

  test("the pieces of an identifier are words, and those of camelCase are parts of one", () => {
    expect(words("read_file src/store/text.ts kebab-case")).toEqual([
      "read",
      "file",
      "src",
      "store",
      "text",
      "ts",
      "kebab",
      "case",
    ]);
    const [camel, acronym] = tokenize("getUserName HTTPServer");
    expect(camel?.text).toBe("getusername");
    expect(camel?.parts?.map((part) => part.text)).toEqual(["get", "user", "name"]);
    expect(camel?.parts?.[1]).toEqual({ text: "user", start: 3, end: 7 });
    expect(acronym?.parts?.map((part) => part.text)).toEqual(["http", "server"]);
  });

  test("scripts without spaces give one token per character", () => {
    expect(words("東京へ行く")).toEqual(["東", "京", "へ", "行", "く"]);
    expect(words("iPhone15发布")).toEqual(["iphone15", "发", "布"]);
    expect(words("한국어")).toEqual(["한", "국", "어"]);
    expect(words("ｶﾞ")).toEqual(words("ガ"));
    expect(words("한국어".normalize("NFD"))).toEqual(words("한국어"));
  });

  test("soft hyphens and joiners do not end a word", () => {
    expect(words("co\u00ADoperate")).toEqual(["cooperate"]);
  });

  test("a long word is cut, and its offsets still cover all of it", () => {
    const [token] = tokenize(`a ${"x".repeat(500)} b`.slice(2));
    expect(token?.text).toHaveLength(MAX_TOKEN_LENGTH);
    expect(token).toMatchObject({ start: 0, end: 500 });
  });

  test("every token is the folded form of what stands at its offsets, in order", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        let before = 0;
        for (const token of tokenize(text)) {
          expect(token.start).toBeGreaterThanOrEqual(before);
          expect(token.end).toBeGreaterThan(token.start);
          expect(token.text.length).toBeLessThanOrEqual(MAX_TOKEN_LENGTH);
          expect(token.text).toMatch(/^[\p{L}\p{N}\p{M}]+$/v);
          const whole = fold(text.slice(token.start, token.end));
          expect(whole.startsWith(token.text)).toBe(true);
          expect(token.text === whole || whole.length > MAX_TOKEN_LENGTH).toBe(true);
          for (const part of token.parts ?? []) {
            expect(part.start).toBeGreaterThanOrEqual(token.start);
            expect(part.end).toBeLessThanOrEqual(token.end);
            expect(part.text).toBe(fold(text.slice(part.start, part.end)));
          }
          before = token.end;
        }
      }),
      { numRuns: 2000 },
    );
  });

  test("no letter or digit is left out", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const covered = tokenize(text);
        for (const match of text.matchAll(/[\p{L}\p{N}]/gv)) {
          if (fold(match[0]) === "") continue;
          expect(
            covered.some((token) => token.start <= match.index && match.index < token.end),
          ).toBe(true);
        }
      }),
      { numRuns: 1000 },
    );
  });

  test("folding twice changes nothing", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(fold(fold(text))).toBe(fold(text));
      }),
      { numRuns: 2000 },
    );
  });

  test("a composed and a decomposed text give the same words", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        expect(words(text.normalize("NFD"))).toEqual(words(text.normalize("NFC")));
      }),
    );
  });

  test("text for an index gives the same words again", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(indexedWords(text).words.split(" ").filter(Boolean)).toEqual(words(text));
      }),
    );
  });
});
