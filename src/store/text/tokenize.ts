import {
  COMPLEX,
  HAS_UNSPACED,
  PIECE,
  SEPARATOR,
  UPPER,
  foldSimple,
  isNoMark,
  isPlainUnspaced,
  kindOf,
} from "./characters.ts";
import { fold } from "./fold.ts";

/** Changes whenever the same text may give other tokens; an index built with another number is rebuilt. */
export const TOKENIZER_VERSION = 1;

/** Longer words are cut, so that encoded bytes do not fill an index. In UTF-16 units. */
export const MAX_TOKEN_LENGTH = 64;

/** A word in its compared form, and where it stands in the original text, in UTF-16 units. */
export interface Word {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

export interface Token extends Word {
  /** The words inside a camelCase identifier. They are found alone, never as part of a phrase. */
  readonly parts?: readonly Word[];
}

const MAX_PARTS = 8;

// Soft hyphens and joiners do not end a word.
const RUN = /[\p{L}\p{N}\p{M}][\p{L}\p{N}\p{M}\p{Join_C}\xAD\u2060]*/vy;

const CAMEL = /(?<=\p{Ll})(?=\p{Lu})|(?<=\p{Lu})(?=\p{Lu}\p{Ll})/v;

/** Splits a text into words: runs of letters and digits, lower case, without accents. `_` separates, so that the
 *  pieces of an identifier are found alone and, side by side, as a phrase. In scripts without spaces every
 *  character is a token; what is searched for is compared as a phrase, so any substring is found.
 *  Cost: linear in the text. */
export function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  scanTokens(text, (token) => tokens.push(token));
  return tokens;
}

/** Calls `onToken` for each token in order. */
export function scanTokens(text: string, onToken: (token: Token) => void): void {
  const length = text.length;
  let at = 0;
  while (at < length) {
    const start = at;
    let highest = 0;
    let hasLower = false;
    let hasUpper = false;
    let hasInnerUpper = false;
    let code = 0;
    let kind = SEPARATOR;
    for (; at < length; at++) {
      code = text.charCodeAt(at);
      kind = kindOf(code);
      if (kind === SEPARATOR || kind === COMPLEX) break;
      if (code > highest) highest = code;
      if (kind === UPPER) {
        hasUpper = true;
        if (at > start) hasInnerUpper = true;
      } else hasLower = true;
    }
    const isAtEnd = at === length;
    if (at > start && (isAtEnd || kind === SEPARATOR || isPlainUnspaced(code))) {
      const isCamel = hasLower && hasInnerUpper;
      if (highest > 127) emit(cut(foldSimple(text, start, at)), text, start, at, isCamel, onToken);
      else {
        const word = text.slice(start, Math.min(at, start + MAX_TOKEN_LENGTH));
        emit(hasUpper ? word.toLowerCase() : word, text, start, at, isCamel, onToken);
      }
    }
    if (isAtEnd) return;
    if (kind === SEPARATOR) at++;
    else if (isPlainUnspaced(code) && (at + 1 === length || isNoMark(text.charCodeAt(at + 1)))) {
      onToken({ text: text.charAt(at), start: at, end: at + 1 });
      at++;
    } else at = scanRun(text, isPlainUnspaced(code) ? at : start, onToken);
  }
}

/** A run that needs the rules of Unicode, from `start`. Returns its end. */
function scanRun(text: string, start: number, onToken: (token: Token) => void): number {
  RUN.lastIndex = start;
  const run = RUN.exec(text)?.[0];
  // Two units for a pair: a sticky match from inside a pair would step back to its start.
  if (run === undefined) return start + ((text.codePointAt(start) ?? 0) > 0xffff ? 2 : 1);
  const pieces = HAS_UNSPACED.test(run) ? run.match(PIECE) : null;
  let from = start;
  for (const piece of pieces ?? [run]) {
    const end = from + piece.length;
    emit(cut(fold(piece)), text, from, end, CAMEL.test(piece), onToken);
    from = end;
  }
  return from;
}

function emit(
  word: string,
  text: string,
  start: number,
  end: number,
  isCamel: boolean,
  onToken: (token: Token) => void,
): void {
  if (word === "") return;
  const parts = isCamel ? partsOf(text, start, end) : [];
  onToken(parts.length > 0 ? { text: word, start, end, parts } : { text: word, start, end });
}

function partsOf(text: string, start: number, end: number): Word[] {
  const parts: Word[] = [];
  // Long mixed-case runs are encoded bytes, not identifiers.
  if (end - start > MAX_TOKEN_LENGTH) return parts;
  const pieces = text.slice(start, end).split(CAMEL);
  if (pieces.length < 2 || pieces.length > MAX_PARTS) return parts;
  let from = start;
  for (const piece of pieces) {
    const word = fold(piece);
    if (word.length > 1) parts.push({ text: word, start: from, end: from + piece.length });
    from += piece.length;
  }
  return parts;
}

function cut(word: string): string {
  if (word.length <= MAX_TOKEN_LENGTH) return word;
  const last = word.charCodeAt(MAX_TOKEN_LENGTH - 1);
  const splitsPair = last >= 0xd800 && last < 0xdc00;
  return word.slice(0, splitsPair ? MAX_TOKEN_LENGTH - 1 : MAX_TOKEN_LENGTH);
}
