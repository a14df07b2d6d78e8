import { expect, test } from "vitest";
import { partMark, repeatMark } from "../sql/search/marks.ts";
import { emphasisOf } from "./search-emphasis.ts";

const marksOf = (words: string, parts: string = ""): readonly string[] =>
  emphasisOf(words, parts).split(" ").slice(1);

test("a word is marked when it comes the second, the fourth and the eighth time", () => {
  expect(marksOf("plum, Kiwi. PLUM")).toEqual([repeatMark("plum", 2)]);
  expect(marksOf("a ".repeat(9))).toEqual([2, 4, 8].map((times) => repeatMark("a", times)));
  expect(marksOf("größe größe gross")).toEqual([repeatMark("größe", 2)]);
  expect(marksOf("all words are different here")).toEqual([]);
  expect(marksOf("")).toEqual([]);
});

test("of a long text, each word that repeats is marked once", () => {
  const words = Array.from({ length: 20_000 }, (_, number) => `w${number}`).join(" ");
  expect(marksOf(words)).toEqual([]);
  expect(marksOf(`${words} ${words}`)).toHaveLength(20_000);
});

test("a word inside identifiers is marked if it does not stand alone as well", () => {
  expect(marksOf("getuser user", "get user")).toEqual([partMark("get")]);
});
