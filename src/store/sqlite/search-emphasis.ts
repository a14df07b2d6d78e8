import { partMark, repeatMark } from "../sql/search/marks.ts";

/** How often a text must have a word for the index to know. */
export const REPEATS: readonly number[] = [2, 4, 8];

/** Marks of the words that stand several times in a text, or only inside identifiers, each behind a space: a search can
 *  tell by them who has a word more often than others.
 *  @param words  as FTS5 is given them */
export function emphasisOf(words: string, parts: string): string {
  const counts = new WordCounts(words.length);
  let marks = "";
  let hash = BASIS;
  let start = 0;
  for (let at = 0; at <= words.length; at++) {
    const code = foldedAt(words, at);
    if (code !== 0) {
      hash = Math.imul(hash ^ code, PRIME);
      continue;
    }
    if (at > start) {
      const count = counts.add(hash);
      if (count > 1 && REPEATS.includes(count))
        marks += ` ${repeatMark(words.slice(start, at).toLowerCase(), count)}`;
    }
    hash = BASIS;
    start = at + 1;
  }
  if (parts === "") return marks;
  for (const part of new Set(parts.split(" ")))
    if (!counts.has(hashOf(part))) marks += ` ${partMark(part)}`;
  return marks;
}

// FNV-1a. To cut every word out of the text and look it up would take four times as long; two words that are taken for
// one change a rank, and happen once in four billion.
const BASIS = 0x811c9dc5 | 0;
const PRIME = 0x01000193;

function hashOf(word: string): number {
  let hash = BASIS;
  for (let at = 0; at < word.length; at++) hash = Math.imul(hash ^ foldedAt(word, at), PRIME);
  return hash;
}

/** A letter or digit as FTS5's "ascii" compares it; 0 between words. */
function foldedAt(text: string, at: number): number {
  const code = text.charCodeAt(at);
  if ((code >= 97 && code <= 122) || (code >= 48 && code <= 57) || code > 127) return code;
  return code >= 65 && code <= 90 ? code + 32 : 0;
}

/** How often hashes were added; a table with open addressing that is never full. */
class WordCounts {
  readonly #hashes: Int32Array;
  readonly #counts: Uint32Array;
  readonly #mask: number;

  /** @param length  of the text: it has at most half as many words */
  constructor(length: number) {
    const slots = 2 ** Math.ceil(Math.log2(length + 2));
    this.#hashes = new Int32Array(slots);
    this.#counts = new Uint32Array(slots);
    this.#mask = slots - 1;
  }

  add(hash: number): number {
    const slot = this.#slotOf(hash);
    this.#hashes[slot] = hash;
    const count = (this.#counts[slot] ?? 0) + 1;
    this.#counts[slot] = count;
    return count;
  }

  has(hash: number): boolean {
    return this.#counts[this.#slotOf(hash)] !== 0;
  }

  #slotOf(hash: number): number {
    let slot = hash & this.#mask;
    while (this.#counts[slot] !== 0 && this.#hashes[slot] !== hash) slot = (slot + 1) & this.#mask;
    return slot;
  }
}
