import { matchAt } from "./matches.ts";
import type { Query, Term } from "./parse-query.ts";
import { isPlainAscii } from "./plain-ascii.ts";
import { tokenize } from "./tokenize.ts";

/** Where a term of a query stands in a text, in UTF-16 units. */
export interface Match {
  readonly start: number;
  readonly end: number;
  /** Its place among the terms that the query asks for. */
  readonly term: number;
}

/** Every place where a term stands that the query asks for, by start. */
export function findMatches(text: string, query: Query): Match[] {
  const terms = query.all.flat();
  if (terms.length === 0) return [];
  const matches = isPlainAscii(text) ? inPlainText(text, terms) : inTokens(text, terms);
  return matches.sort((a, b) => a.start - b.start || a.end - b.end);
}

function inTokens(text: string, terms: readonly Term[]): Match[] {
  const matches: Match[] = [];
  const tokens = tokenize(text);
  for (let at = 0; at < tokens.length; at++) {
    for (let term = 0; term < terms.length; term++) {
      const wanted = terms[term];
      const found = wanted && matchAt(wanted, tokens, at);
      if (found) matches.push({ start: found.start, end: found.end, term });
    }
  }
  return matches;
}

/** The same for text whose tokens follow from its characters: only what looks like a match is looked at. */
function inPlainText(text: string, terms: readonly Term[]): Match[] {
  const matches: Match[] = [];
  const lower = text.toLowerCase();
  terms.forEach(({ words, isPrefix }, term) => {
    const [first = ""] = words;
    for (let start = lower.indexOf(first); start >= 0; start = lower.indexOf(first, start + 1)) {
      if (start > 0 && isWordAt(lower, start - 1)) continue;
      const end = endOfWords(lower, start, words, isPrefix);
      if (end !== null) matches.push({ start, end, term });
    }
  });
  return matches;
}

function endOfWords(
  lower: string,
  start: number,
  words: readonly string[],
  isPrefix: boolean,
): number | null {
  let at = start;
  for (let number = 0; number < words.length; number++) {
    const word = words[number] ?? "";
    while (number > 0 && at < lower.length && !isWordAt(lower, at)) at++;
    if (!lower.startsWith(word, at)) return null;
    at += word.length;
    if (isPrefix && number === words.length - 1)
      while (at < lower.length && isWordAt(lower, at)) at++;
    if (at < lower.length && isWordAt(lower, at)) return null;
  }
  return at;
}

function isWordAt(lower: string, at: number): boolean {
  const code = lower.charCodeAt(at);
  return (code >= 97 && code <= 122) || (code >= 48 && code <= 57);
}
