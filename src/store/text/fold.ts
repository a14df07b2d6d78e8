// Marks that people leave out when they type a search: Latin, Greek and Cyrillic accents, Hebrew points, Arabic
// vowels, variation selectors, keycaps. Vowel signs of Indic scripts and voicing marks of kana make other words.
const DROPPED_MARKS =
  /[\u0300-\u036F\u0483-\u0487\u0591-\u05BD\u05BF\u05C1\u05C2\u05C4\u05C5\u05C7\u0610-\u061A\u064B-\u065F\u0670\u06D6-\u06DC\u06DF-\u06E4\u06E7\u06E8\u06EA-\u06ED\u1AB0-\u1AFF\u1DC0-\u1DFF\u20D0-\u20F0\uFE20-\uFE2F\p{VS}]/gv;

// What a compatibility decomposition leaves behind ("½" becomes "1⁄2"), and invisible joiners.
const NOT_IN_WORDS = /[^\p{L}\p{N}\p{M}]/gv;

/** Letters without a decomposition that people type as plain ones. */
const PLAIN: Readonly<Record<string, string>> = {
  ß: "ss",
  æ: "ae",
  œ: "oe",
  ø: "o",
  đ: "d",
  ð: "d",
  ł: "l",
  ħ: "h",
  ı: "i",
  þ: "th",
  ς: "σ",
};
const HAS_PLAIN = /[ßæœøđðłħıþς]/gv;

const ASCII_WORD = /^[0-9A-Za-z]*$/;

/** The form under which a word is compared: lower case, without accents and compatibility variants.
 *  Idempotent; the result has only letters, digits and marks, and may be empty. */
export function fold(word: string): string {
  if (ASCII_WORD.test(word)) return word.toLowerCase();
  return word
    .normalize("NFKD")
    .replace(DROPPED_MARKS, "")
    .toLowerCase()
    .normalize("NFKD")
    .replace(DROPPED_MARKS, "")
    .replace(NOT_IN_WORDS, "")
    .replace(HAS_PLAIN, (letter) => PLAIN[letter] ?? letter)
    .normalize("NFC");
}
