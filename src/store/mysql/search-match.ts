import type { Marks, Match } from "../sql/search/search-dialect.ts";
import type { Query, Term } from "../text/parse-query.ts";
import { encodeWord, isCut } from "./search-words.ts";

const AGAINST = "MATCH (d.words) AGAINST (? IN BOOLEAN MODE)";

/** The query in the language of boolean full-text searches; `null` when it matches nothing. */
export function matchOf(query: Query, { scopes, blocks, isFewInBlocks }: Marks): Match | null {
  if (query.all.length === 0) return null;
  const terms = [...query.all.flat(), ...query.none];
  // What is left out here is looked for in the text.
  const refused = query.none.filter(isExact);
  const words = query.all.map(groupOf);
  const inBlocks = anyOf(blocks);
  const wanted = [
    // The fewest first: documents that have the first are collected, the next ones only sort out.
    ...anyOf(scopes),
    ...(isFewInBlocks ? [...inBlocks, ...words] : [...words, ...inBlocks]),
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

function anyOf(marks: readonly string[]): readonly string[] {
  if (marks.length === 0) return [];
  const [only = "", ...others] = marks.map(encodeWord);
  return [others.length === 0 ? `+${only}` : `+(${[only, ...others].join(" ")})`];
}

/** Without brackets where there is a choice: what stands in them is collected by itself first. */
function groupOf(terms: readonly Term[]): string {
  const [only, ...others] = terms;
  if (only === undefined || others.length > 0) return `+(${terms.map(expressionOf).join(" ")})`;
  return isPrefixPhrase(only) ? allOf(only) : `+${expressionOf(only)}`;
}

/** A phrase cannot end in a prefix here, and a word that was cut stands for others too. */
function isExact({ words, isPrefix }: Term): boolean {
  return !isPrefixPhrase({ words, isPrefix }) && !words.some((word) => isCut(encodeWord(word)));
}

function isPrefixPhrase({ words, isPrefix }: Term): boolean {
  return isPrefix && words.length > 1;
}

function expressionOf(term: Term): string {
  const encoded = term.words.map(encodeWord);
  if (encoded.length === 1) return `${encoded.join("")}${term.isPrefix ? "*" : ""}`;
  return term.isPrefix ? `(${allOf(term)})` : `"${encoded.join(" ")}"`;
}

/** All words, wherever they stand. */
function allOf({ words, isPrefix }: Term): string {
  return `${words.map((word) => `+${encodeWord(word)}`).join(" ")}${isPrefix ? "*" : ""}`;
}
