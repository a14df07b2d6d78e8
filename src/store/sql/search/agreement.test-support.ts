import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { EVERYBODY, create, extend } from "../../conformance/fixture.ts";
import { say } from "../../conformance/message-fixture.ts";
import type { Store } from "../../store.ts";
import { matches } from "../../text/matches.ts";
import { parseQuery } from "../../text/parse-query.ts";
import { tokenize } from "../../text/tokenize.ts";

const PIECES = [
  ..."alpha Beta gämma Größe naïve getUserName HTTPServer read_file 3.14 東京 京都 한국어 ภาษา".split(
    " ",
  ),
  ..."'\"(){}[]:^*-+.,;@<>~ \n\u0000 😀 \uD83D \u00AD e\u0301 ſ İ ς 𝒳 ｶﾞ ½ हिन्दी שָׁלוֹם the about".split(
    " ",
  ),
  "непротивоконституционствовавшими",
  "x".repeat(70),
];

const text = fc
  .array(fc.oneof(fc.constantFrom(...PIECES), fc.string({ unit: "grapheme", maxLength: 5 })), {
    maxLength: 10,
  })
  .chain((pieces) => fc.constantFrom(" ", "", "_").map((joint) => pieces.join(joint)));

const texts: readonly string[] = [
  ...fc.sample(text, { numRuns: 300, seed: 42 }),
  // More places than an index may count, of one word and in all.
  `${"alpha beta ".repeat(300)} gamma`,
  Array.from({ length: 17_000 }, (_, at) => `n${at} alpha`).join(" "),
];

/** Proves that a store's index and the words of a text say the same.
 *  @param numRuns  queries that are tried; a server takes longer for each */
export function testSearchAgreement(openStore: () => Promise<Store>, numRuns: number = 300): void {
  let store: Store;

  beforeAll(async () => {
    store = await openStore();
    const said = texts.map((content, number) => say(`m${number}`, content));
    await extend(store, "t", [create("t"), ...said]);
  });

  afterAll(() => store.close());

  test("the index finds exactly the texts that match, whatever is asked for", async () => {
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
    const tokens = texts.map((content) => tokenize(content));
    await fc.assert(
      fc.asyncProperty(query, async (asked) => {
        const parsed = parseQuery(asked);
        const expected = tokens.flatMap((of, number) =>
          matches(parsed, of) ? [`m${number}`] : [],
        );
        for (const order of ["recent", "rank"] as const) {
          const { hits } = await store.search(EVERYBODY, { text: asked, limit: 1000, order });
          const found = hits.map(({ messageId }) => messageId ?? "title").toReversed();
          if (order === "recent") expect(found).toEqual(expected);
          else expect(found.toSorted()).toEqual(expected.toSorted());
          expect(hits.every((hit) => hit.highlights.length > 0)).toBe(true);
        }
      }),
      { numRuns },
    );
  });
}
