import assert from "node:assert/strict";
import { SEARCH } from "./conformance-case.ts";
import type { ConformanceCase } from "./conformance-case.ts";
import { create, extend } from "./fixture.ts";
import type { Change } from "./fixture.ts";
import { say } from "./message-fixture.ts";
import { messagesFor } from "./search-fixture.ts";

const TEXTS: Readonly<Record<string, string>> = {
  fox: "The quick brown fox jumps over the lazy dog.",
  dog: "A brown dog sleeps; it is not quick.",
  cafe: "Der Bär trinkt Café au lait und ißt Müsli.",
  code: "Call read_file(path) before parseHttpRequest runs.",
  number: "Version 3.14 of the program has 42 threads.",
  kanji: "東京都に住んでいます",
};

export const QUERY_CASES: readonly ConformanceCase[] = [
  queryCase("words are all required, whatever their case", [
    ["quick brown", ["dog", "fox"]],
    ["QUICK Fox", ["fox"]],
    ["quick unicorn", []],
    ["quic", []],
  ]),
  queryCase("a phrase is found as it stands", [
    ['"quick brown"', ["fox"]],
    ['"brown dog" sleeps', ["dog"]],
    ['"brown quick"', []],
    ['"lazy dog', ["fox"]],
  ]),
  queryCase("a minus leaves out what has the word", [
    ["brown -fox", ["dog"]],
    ['dog -"lazy dog"', ["dog"]],
    ["brown -quick", []],
  ]),
  queryCase("OR finds either", [
    ["fox OR café", ["cafe", "fox"]],
    ["brown fox OR sleeps", ["dog", "fox"]],
    ["unicorn OR dragon", []],
  ]),
  queryCase("a star finds what begins with it", [
    ["jump*", ["fox"]],
    ["br*", ["dog", "fox"]],
    ["thr* pro*", ["number"]],
  ]),
  queryCase("accents and letter forms do not matter", [
    ["cafe", ["cafe"]],
    ["CAFÉ", ["cafe"]],
    ["bar", ["cafe"]],
    ["ISST", ["cafe"]],
    ["muesli", []],
  ]),
  queryCase("pieces of identifiers and numbers are found", [
    ["read_file", ["code"]],
    ["file", ["code"]],
    ["http", ["code"]],
    ["3.14", ["number"]],
    ["42", ["number"]],
  ]),
  queryCase("scripts without spaces are found by any piece", [
    ["東京", ["kanji"]],
    ["京都", ["kanji"]],
    ["京東", []],
  ]),
  queryCase("what has no word finds nothing and breaks nothing", [
    ["", []],
    ["   ", []],
    ['"', []],
    ['""', []],
    ["*", []],
    ["-", []],
    ["-quick", []],
    ["OR", []],
    ["( ) ^ : { }", []],
    ["quick AND (", []],
    ["NEAR(quick brown)", []],
    ["title:quick", []],
    ["quick' --", ["dog", "fox"]],
    ["\u0000quick", ["dog", "fox"]],
    ["\ud83e", []],
    [`quick ${"x ".repeat(5_000)}`, []],
  ]),
];

/** Which of the texts each query finds, in alphabetical order. */
function queryCase(
  rule: string,
  expectations: readonly (readonly [string, readonly string[]])[],
): ConformanceCase {
  return {
    name: `in a search ${rule}`,
    requires: SEARCH,
    run: async ({ openStore }) => {
      const store = await openStore();
      const says: readonly Change[] = Object.entries(TEXTS).map(([id, text]) => say(id, text));
      await extend(store, "t", [create("t"), ...says]);
      for (const order of ["rank", "recent"] as const)
        for (const [text, expected] of expectations) {
          const found = await messagesFor(store, text, { order });
          assert.deepEqual(found.toSorted(), expected, JSON.stringify(text.slice(0, 50)));
        }
    },
  };
}
