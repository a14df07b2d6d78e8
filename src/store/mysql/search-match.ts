import type { Match } from "../sql/search/search-dialect.ts";
import type { Query, Term } from "../text/parse-query.ts";
import { encodeWord, isCut } from "./search-words.ts";

const AGAINST = "MATCH (d.words) AGAINST (? IN BOOLEAN MODE)";

/** The query in the language of boolean full-text searches; `null` when it matches nothing. */
export function matchOf(query: Query, marks: readonly (readonly string[])[]): Match | null {
  if (query.all.length === 0) return null;
  const terms = [...query.all.flat(), ...query.none];
  // What is left out here is looked for in the text.
  const refused = query.none.filter(isExact);
  const wanted = [
    // The fewest first: each narrows down what the next one looks at.
    ...marks.map((of) => `+(${of.map(encodeWord).join(" ")})`),
    ...query.all.map((of) => `+(${of.map(expressionOf).join(" ")})`),
    ...refused.map((term) => `-${expressionOf(term)}`),
  ];
  const ranked = query.all.flat().map(expressionOf);
  return {
    sql: AGAINST,
    parameters: [wanted.join(" ")],
    // Long texts count less.
    score: { sql: `${AGAINST} / (1 + LN(1 + d.size))`, parameters: [ranked.join(" ")] },
    isExact: terms.every(isExact),
  };
}

/** A phrase cannot end in a prefix here, and a word that was cut stands for others too. */
function isExact({ words, isPrefix }: Term): boolean {
  const isPlain = words.length === 1 || !isPrefix;
  return isPlain && !words.some((word) => isCut(encodeWord(word)));
}

function expressionOf({ words, isPrefix }: Term): string {
  const encoded = words.map(encodeWord);
  if (words.length === 1) return `${encoded.join("")}${isPrefix ? "*" : ""}`;
  if (!isPrefix) return `"${encoded.join(" ")}"`;
  return `(${encoded.map((word) => `+${word}`).join(" ")}*)`;
}
