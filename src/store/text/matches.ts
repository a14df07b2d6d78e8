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
  if (first === undefined) return null;
  const last = term.words.length - 1;
  for (let offset = 0; offset <= last; offset++) {
    const word = term.words[offset] ?? "";
    const token = tokens[at + offset];
    if (token === undefined) return null;
    if (isWord(token.text, word, term.isPrefix && offset === last)) continue;
    return last === 0 ? matchPart(term, word, first) : null;
  }
  return { start: first.start, end: tokens[at + last]?.end ?? first.end };
}

function matchPart(term: Term, word: string, token: Token): Word | null {
  return token.parts?.find((part) => isWord(part.text, word, term.isPrefix)) ?? null;
}

function isWord(text: string, word: string, isPrefix: boolean): boolean {
  return isPrefix ? text.startsWith(word) : text === word;
}
