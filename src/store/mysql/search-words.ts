// The parser of InnoDB knows words of letters, digits and `_` with 3 to 84 characters, and leaves some English ones out.
// So a word is written in other words: this, then its letters and digits; everything else by its number.
const START = "_w";
const OTHER = "_";

/** Longer ones are cut, at most within one character. */
const MAX_LENGTH = 82;

/** A word as the index has it: what a word begins with, its encoding begins with too. */
export function encodeWord(word: string): string {
  let encoded = START;
  for (let at = 0; at < word.length; at++) {
    const code = word.charCodeAt(at);
    encoded += isPlain(code) ? word.charAt(at) : `${OTHER}${code.toString(16).padStart(4, "0")}`;
    if (encoded.length > MAX_LENGTH) return encoded.slice(0, MAX_LENGTH);
  }
  return encoded;
}

/** Whether the encoding stands for more than this word. */
export function isCut(encoded: string): boolean {
  return encoded.length >= MAX_LENGTH;
}

function isPlain(code: number): boolean {
  return (code >= 97 && code <= 122) || (code >= 48 && code <= 57);
}

/** Stands between words that are no phrase. */
export const GAP = "_gap";
