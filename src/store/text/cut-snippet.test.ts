import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { SNIPPET_LENGTH, cutSnippet } from "./cut-snippet.ts";
import { fold } from "./fold.ts";
import { parseQuery } from "./parse-query.ts";

const cut = (
  text: string,
  query: string,
): { readonly snippet: string; readonly marked: string[] } => {
  const { snippet, highlights } = cutSnippet(text, parseQuery(query));
  return { snippet, marked: highlights.map(([start, end]) => snippet.slice(start, end)) };
};

const filler = (words: number): string => "lorem ipsum dolor ".repeat(words / 3);

describe("cutSnippet", () => {
  test("a short text is shown whole, on one line", () => {
    expect(cut("  The quick\n\n\tbrown fox. ", "BROWN")).toEqual({
      snippet: "The quick brown fox.",
      marked: ["brown"],
    });
  });

  test("the place with most different terms wins over the first match", () => {
    const text = `apple ${filler(90)}apple apple ${filler(90)} the apple and the pear ${filler(90)}`;
    const { snippet, marked } = cut(text, "apple pear");
    expect(marked).toEqual(["apple", "pear"]);
    expect(snippet).toContain("the apple and the pear");
    expect(snippet.startsWith("…")).toBe(true);
    expect(snippet.endsWith("…")).toBe(true);
    expect(snippet.length).toBeLessThanOrEqual(SNIPPET_LENGTH + 2);
  });

  test("words are whole at both ends", () => {
    const { snippet } = cut(`${filler(60)}needle ${filler(60)}`, "needle");
    const words = snippet.replaceAll("…", "").trim().split(" ");
    expect(words.every((word) => ["lorem", "ipsum", "dolor", "needle"].includes(word))).toBe(true);
    expect(snippet.length).toBeGreaterThan(SNIPPET_LENGTH - 30);
  });

  test("a phrase is one highlight, a part of an identifier its own", () => {
    expect(cut("a read_file call", "read_file").marked).toEqual(["read_file"]);
    expect(cut("then getUserName()", "user").marked).toEqual(["User"]);
    expect(cut("das Größte", "grosste").marked).toEqual(["Größte"]);
    expect(cut("私は京都へ行く", "京都").marked).toEqual(["京都"]);
  });

  test("excluded words are not highlighted, and nothing found shows the beginning", () => {
    expect(cut("cat and dog", "cat -dog").marked).toEqual(["cat"]);
    expect(cut(`start ${filler(90)}`, "absent").snippet.startsWith("start lorem")).toBe(true);
    expect(cut("", "x")).toEqual({ snippet: "", marked: [] });
  });

  test("a text without spaces is cut between characters", () => {
    const { snippet, marked } = cut(`${"😀".repeat(300)}針${"😀".repeat(300)}`, "針");
    expect(marked).toEqual(["針"]);
    expect(snippet.isWellFormed()).toBe(true);
    expect(snippet.length).toBeLessThanOrEqual(SNIPPET_LENGTH + 2);
  });

  test("a word longer than the snippet is cut and highlighted as far as it is shown", () => {
    const { snippet, marked } = cut("z".repeat(1000), "z*");
    expect(snippet).toBe(`${"z".repeat(SNIPPET_LENGTH)}…`);
    expect(marked).toEqual(["z".repeat(SNIPPET_LENGTH)]);
  });

  test("highlights lie in the snippet, apart and in order, and are what was asked for", () => {
    const piece = fc.oneof(
      fc.constantFrom("alpha", "BETA", "gämma", "😀", "\uD83D", "\n", "東", "x".repeat(70)),
      fc.string({ unit: "grapheme", maxLength: 12 }),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 80 }), (pieces) => {
        const { snippet, highlights } = cutSnippet(
          pieces.join(" "),
          parseQuery("alpha OR beta OR gamma OR 東"),
        );
        expect(snippet.isWellFormed()).toBe(true);
        expect(snippet.length).toBeLessThanOrEqual(SNIPPET_LENGTH + 2);
        expect(snippet).not.toMatch(/[\n\t]/);
        let before = 0;
        for (const [start, end] of highlights) {
          expect(start).toBeGreaterThanOrEqual(before);
          expect(end).toBeLessThanOrEqual(snippet.length);
          expect(["alpha", "beta", "gamma", "東"]).toContain(fold(snippet.slice(start, end)));
          before = end;
        }
        const isIn = /(?<![\p{L}\p{N}\p{M}])(?:alpha|beta|gämma|東)(?![\p{L}\p{N}\p{M}])/iv.test(
          pieces.join(" "),
        );
        expect(highlights.length > 0 || !isIn).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});
