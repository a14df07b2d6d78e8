import { partMark, repeatMark } from "../sql/search/marks.ts";

/** How often a text must have a word for the index to know. */
export const REPEATS: readonly number[] = [2, 4, 8];

// What FTS5's "ascii" takes for a word.
const WORD = /[a-z0-9\u{80}-\u{10FFFF}]+/gv;

/** Marks of the words that stand several times in a text, or only inside identifiers, each behind a space: a search can
 *  tell by them who has a word more often than others.
 *  @param words  as FTS5 is given them */
export function emphasisOf(words: string, parts: string): string {
  const counts = new Map<string, number>();
  let marks = "";
  for (const [word] of words.toLowerCase().matchAll(WORD)) {
    const count = (counts.get(word) ?? 0) + 1;
    counts.set(word, count);
    if (count > 1 && REPEATS.includes(count)) marks += ` ${repeatMark(word, count)}`;
  }
  if (parts === "") return marks;
  for (const part of new Set(parts.split(" ")))
    if (!counts.has(part)) marks += ` ${partMark(part)}`;
  return marks;
}
