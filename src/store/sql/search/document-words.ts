import { scanTokens } from "../../text/tokenize.ts";

/** A text as the index takes it. */
export interface DocumentWords {
  /** Every word in order. Phrases are compared here. */
  readonly words: readonly string[];
  /** The words inside camelCase identifiers, with the places of those in `words`. They are found alone, never as part of
   *  a phrase. */
  readonly parts: readonly (readonly [word: string, place: number])[];
}

/** Cost: linear in the text. */
export function wordsOf(text: string): DocumentWords {
  const words: string[] = [];
  const parts: (readonly [string, number])[] = [];
  scanTokens(text, (token) => {
    for (const part of token.parts ?? []) parts.push([part.text, words.length]);
    words.push(token.text);
  });
  return { words, parts };
}
