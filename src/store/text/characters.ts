import { fold } from "./fold.ts";

/** What a UTF-16 unit below `KIND_COUNT` is to the tokenizer. `COMPLEX` needs the rules of Unicode. */
export const SEPARATOR = 1;
const LOWER = 2;
export const UPPER = 3;
export const COMPLEX = 4;

// Latin, Greek and Cyrillic: here a word folds character by character, so that a table does for the rules.
const KIND_COUNT = 0x530;

// 0 until a character is first met: building the whole table would cost milliseconds at every start.
const kinds = new Uint8Array(KIND_COUNT);
for (let code = 0; code < 128; code++) {
  const isLower = (code >= 48 && code < 58) || (code >= 97 && code < 123);
  kinds[code] = isLower ? LOWER : code >= 65 && code < 91 ? UPPER : SEPARATOR;
}

export function kindOf(code: number): number {
  return code < KIND_COUNT ? kinds[code] || classify(code) : COMPLEX;
}

function classify(code: number): number {
  const character = String.fromCharCode(code);
  let kind = SEPARATOR;
  if (code === 0xad || /\p{M}/v.test(character)) kind = COMPLEX;
  else if (/\p{Lu}/v.test(character)) kind = UPPER;
  else if (/[\p{L}\p{N}]/v.test(character)) kind = LOWER;
  kinds[code] = kind;
  return kind;
}

const folded: string[] = [];

/** Folds `text` from `start` to `end`, where every character is below `KIND_COUNT` and in a word. */
export function foldSimple(text: string, start: number, end: number): string {
  let word = "";
  for (let at = start; at < end; at++) {
    const code = text.charCodeAt(at);
    word += folded[code] ??= fold(String.fromCharCode(code));
  }
  return word;
}

const UNSPACED = String.raw`[[\p{scx=Han}\p{scx=Hira}\p{scx=Kana}\p{scx=Bopo}\p{sc=Hang}\p{sc=Thai}\p{sc=Laoo}\p{sc=Khmr}\p{sc=Mymr}]&&[\p{L}\p{N}]]`;
const SYLLABLE = String.raw`(?:[\u1100-\u115F][\u1160-\u11A7]*|[\uAC00-\uD7A3])[\u11A8-\u11FF]*`;

/** Finds a character of a script that is written without spaces between words. Hangul counts, because particles
 *  stick to the word. */
export const HAS_UNSPACED: RegExp = new RegExp(UNSPACED, "v");

/** Splits a run into characters of such scripts, with their marks, and what is between them. */
export const PIECE: RegExp = new RegExp(
  String.raw`(?:${SYLLABLE}|${UNSPACED})[\p{M}\uFF9E\uFF9F]*|(?:(?!${UNSPACED})[\s\S])+`,
  "gv",
);

/** True for ideographs, kana and Hangul syllables that fold to themselves. */
export function isPlainUnspaced(code: number): boolean {
  return (
    (code >= 0x4e00 && code <= 0x9fff) ||
    (code >= 0xac00 && code <= 0xd7a3) ||
    (code >= 0x3041 && code <= 0x3096) ||
    (code >= 0x30a1 && code <= 0x30fa)
  );
}

/** True if the unit cannot change the character before it. */
export function isNoMark(code: number): boolean {
  return (
    code < 0x300 ||
    isPlainUnspaced(code) ||
    (code >= 0x3000 && code < 0x302a) ||
    (code >= 0xff01 && code < 0xff9e)
  );
}
