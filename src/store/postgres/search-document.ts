import type { Row } from "../sql/cell.ts";
import { wordsOf } from "../sql/search/document-words.ts";
import type { DocumentWords } from "../sql/search/document-words.ts";
import { LOOSE_MARK, SPLIT_MARK } from "../sql/search/marks.ts";
import type { SearchDocument } from "../sql/search/search-dialect.ts";

// A tsvector counts places up to here, and so many of one word.
const MAX_PLACE = 16_383;
const MAX_PLACES_OF_WORD = 255;

// A tsvector has less than 1 MiB of words; half of it is for what it keeps beside them.
const MAX_BYTES = 400_000;

/** Rows of `skein_document` with words as a tsvector: the text's own words have weight A, the words inside identifiers
 *  B. A text that is too long for that stands there without places, and in several rows if it must. */
export function rowsOfDocument({
  tid,
  version,
  lsn,
  role,
  text,
  marks,
}: SearchDocument): readonly Row[] {
  const document = wordsOf(text);
  const { words, parts } = document;
  if (words.length === 0) return [];
  const row = (part: number, loose: number, vector: string): Row => [
    tid,
    version,
    part,
    lsn,
    role,
    loose,
    words.length,
    vector,
  ];
  const exact = withPlaces(document);
  if (exact !== null) return [row(0, 0, `${exact} ${quoted(marks)}`)];
  const pieces = piecesOf(new Set([...words, ...parts.map(([part]) => part)]));
  const more = pieces.length > 1 ? [LOOSE_MARK, SPLIT_MARK] : [LOOSE_MARK];
  return pieces.map((piece, part) => row(part, 1, quoted([...piece, ...marks, ...more])));
}

/** `null` if it is more than a tsvector takes. */
function withPlaces({ words, parts }: DocumentWords): string | null {
  if (words.length > MAX_PLACE) return null;
  const places = new Map<string, Map<number, "A" | "B">>();
  const note = (word: string, place: number, weight: "A" | "B"): void => {
    let of = places.get(word);
    if (of === undefined) places.set(word, (of = new Map()));
    if (!of.has(place)) of.set(place, weight);
  };
  words.forEach((word, at) => note(word, at + 1, "A"));
  for (const [part, at] of parts) note(part, at + 1, "B");
  let bytes = 0;
  const entries: string[] = [];
  for (const [word, of] of places) {
    if (of.size > MAX_PLACES_OF_WORD) return null;
    bytes += Buffer.byteLength(word) + 2 * of.size;
    entries.push(`'${word}':${[...of].map(([place, weight]) => `${place}${weight}`).join(",")}`);
  }
  return bytes > MAX_BYTES ? null : entries.join(" ");
}

function piecesOf(words: ReadonlySet<string>): readonly (readonly string[])[] {
  const pieces: string[][] = [];
  let bytes = Infinity;
  for (const word of words) {
    bytes += Buffer.byteLength(word);
    if (bytes > MAX_BYTES) {
      pieces.push([]);
      bytes = 0;
    }
    pieces.at(-1)?.push(word);
  }
  return pieces;
}

/** Words and marks have no quotes to escape. */
function quoted(words: readonly string[]): string {
  return words.map((word) => `'${word}'`).join(" ");
}
