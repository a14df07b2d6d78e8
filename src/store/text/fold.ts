// Marks that people leave out when they type a search: accents, Hebrew points, Arabic vowels, variation selectors.
// Vowel signs of Indic scripts and voicing marks of kana make other words.
const DROPPED_MARKS =
  /[[\p{M}&&[\p{sc=Zinh}\p{sc=Cyrl}\p{sc=Hebr}\p{sc=Arab}\p{VS}]]--[\u3099\u309A]]/gv;

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
