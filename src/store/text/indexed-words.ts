import { scanTokens } from "./tokenize.ts";

/** A text as a full-text index takes it: tokens joined by spaces, so that an index that splits at spaces finds
 *  exactly what `matches` finds. */
export interface IndexedWords {
  /** Every token in order. Phrases are compared here. */
  readonly words: string;
  /** The words inside camelCase identifiers. Only single words are compared here. */
  readonly parts: string;
}

/** Cost: linear in the text. */
export function indexedWords(text: string): IndexedWords {
  const words: string[] = [];
  const parts: string[] = [];
  scanTokens(text, (token) => {
    words.push(token.text);
    if (token.parts !== undefined) for (const part of token.parts) parts.push(part.text);
  });
  return { words: words.join(" "), parts: parts.join(" ") };
}
