import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { EVERYBODY, create } from "../conformance/fixture.ts";
import { say } from "../conformance/message-fixture.ts";
import { matches } from "../text/matches.ts";
import { parseQuery } from "../text/parse-query.ts";
import { tokenize } from "../text/tokenize.ts";
import { openSearchIndex } from "./search-index.ts";
import { openTestLog } from "./search-log.test-support.ts";
import type { TestLog } from "./search-log.test-support.ts";
import type { SearchIndex } from "./search-port.ts";

let log: TestLog;
let index: SearchIndex;

const PIECES = [
  ..."alpha Beta gämma Größe naïve getUserName HTTPServer read_file 3.14 東京 京都 한국어 ภาษา".split(
    " ",
  ),
  ..."'\"(){}[]:^*-+.,; \n\u0000 😀 \uD83D \u00AD e\u0301 ſ İ ς 𝒳 ｶﾞ ½ हिन्दी שָׁלוֹם".split(" "),
];

const text = fc
  .array(fc.oneof(fc.constantFrom(...PIECES), fc.string({ unit: "grapheme", maxLength: 5 })), {
    maxLength: 10,
  })
  .chain((pieces) => fc.constantFrom(" ", "", "_").map((joint) => pieces.join(joint)));

const texts: string[] = fc.sample(text, { numRuns: 400, seed: 42 });

beforeAll(() => {
  log = openTestLog();
  log.write("t", [create("t"), ...texts.map((content, number) => say(`m${number}`, content))]);
  index = openSearchIndex({ path: log.path });
});

afterAll(() => {
  index.close();
  log.remove();
});

test("the index finds exactly the texts that match, whatever is asked for", () => {
  const stretch = fc
    .tuple(fc.constantFrom(...texts), fc.nat(20), fc.nat(12))
    .map(([from, start, length]) => from.slice(start, start + length));
  const term = fc
    .tuple(
      fc.constantFrom("", "-", "OR "),
      fc.oneof(stretch, fc.constantFrom(...PIECES)),
      fc.constantFrom("", "*"),
      fc.boolean(),
    )
    .map(([sign, words, star, isQuoted]) => `${sign}${isQuoted ? `"${words}"` : words}${star}`);
  const query = fc.array(term, { minLength: 1, maxLength: 4 }).map((terms) => terms.join(" "));
  fc.assert(
    fc.property(query, (asked) => {
      const parsed = parseQuery(asked);
      const expected = texts.flatMap((content, number) =>
        matches(parsed, tokenize(content)) ? [`m${number}`] : [],
      );
      const { hits } = index.search(EVERYBODY, { text: asked, limit: 1000, order: "recent" });
      expect(hits.map((hit) => hit.messageId).toReversed()).toEqual(expected);
      expect(hits.every((hit) => hit.highlights.length > 0)).toBe(true);
    }),
    { numRuns: 1000 },
  );
});
