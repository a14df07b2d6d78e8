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

interface Places {
  text: string;
  count: number;
  /** The last one of weight B. */
  inside: number;
}

/** `null` if it is more than a tsvector takes. */
function withPlaces({ words, parts }: DocumentWords): string | null {
  if (words.length > MAX_PLACE) return null;
  const places = new Map<string, Places>();
  // Both lists are in the order of places.
  for (const [at, word] of words.entries()) note(places, word, `${at + 1}A`);
  for (const [part, at] of parts) {
    if (words[at] === part || places.get(part)?.inside === at) continue;
    note(places, part, `${at + 1}B`).inside = at;
  }
  let bytes = 0;
  let entries = "";
  for (const [word, { text, count }] of places) {
    if (count > MAX_PLACES_OF_WORD) return null;
    // At most three bytes of UTF-8 for each unit of UTF-16.
    bytes += 3 * word.length + 2 * count;
    entries += entries === "" ? `'${word}':${text}` : ` '${word}':${text}`;
  }
  return bytes > MAX_BYTES && !isShort(places) ? null : entries;
}

function note(places: Map<string, Places>, word: string, place: string): Places {
  const known = places.get(word);
  if (known === undefined) {
    const made = { text: place, count: 1, inside: -1 };
    places.set(word, made);
    return made;
  }
  known.text += `,${place}`;
  known.count += 1;
  return known;
}

function isShort(places: ReadonlyMap<string, Places>): boolean {
  let bytes = 0;
  for (const [word, { count }] of places) bytes += Buffer.byteLength(word) + 2 * count;
  return bytes <= MAX_BYTES;
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
