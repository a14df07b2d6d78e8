import type { Query, Term } from "./parse-query.ts";
import type { Token, Word } from "./tokenize.ts";

/** True if a text with these tokens is what the query asks for. Cost: terms × tokens at most. */
export function matches(query: Query, tokens: readonly Token[]): boolean {
  return (
    query.all.length > 0 &&
    query.all.every((group) => group.some((term) => isIn(term, tokens))) &&
    !query.none.some((term) => isIn(term, tokens))
  );
}

function isIn(term: Term, tokens: readonly Token[]): boolean {
  return tokens.some((_token, at) => matchAt(term, tokens, at) !== null);
}

/** Where a term that matches at a token starts and ends in the text; `null` if it does not match there. */
export function matchAt(
  term: Term,
  tokens: readonly Token[],
  at: number,
): Pick<Word, "start" | "end"> | null {
  const first = tokens[at];
  const word = term.words[0];
  if (first === undefined || word === undefined) return null;
  const last = term.words.length - 1;
  if (last === 0) return matchWord(first, word, term.isPrefix);
  if (first.text !== word) return null;
  for (let offset = 1; offset <= last; offset++) {
    const token = tokens[at + offset];
    const isPrefix = term.isPrefix && offset === last;
    if (token === undefined || !isWord(token.text, term.words[offset] ?? "", isPrefix)) return null;
  }
  return { start: first.start, end: tokens[at + last]?.end ?? first.end };
}

function matchWord(token: Token, word: string, isPrefix: boolean): Word | null {
  if (isWord(token.text, word, isPrefix)) return token;
  return token.parts?.find((part) => isWord(part.text, word, isPrefix)) ?? null;
}

function isWord(text: string, word: string, isPrefix: boolean): boolean {
  return isPrefix ? text.startsWith(word) : text === word;
}
