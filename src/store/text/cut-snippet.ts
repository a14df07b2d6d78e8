import { findMatches } from "./find-matches.ts";
import type { Match } from "./find-matches.ts";
import type { Query } from "./parse-query.ts";

export interface Snippet {
  /** Plain text on one line, "…" where something was left out. */
  readonly snippet: string;
  /** Start and end of each match in `snippet`, in UTF-16 units; ascending, without overlap. */
  readonly highlights: readonly (readonly [number, number])[];
}

/** What a snippet holds at most, without the "…" at its ends. In UTF-16 units. */
export const SNIPPET_LENGTH = 160;

// How far an end may move to stand between words.
const MAX_TRIM = 40;

// White space and control characters never belong to a token.
const GAPS = /[\s\p{Cc}]+/gv;
const HAS_ODD_GAPS = /[[\s\p{Cc}]--[ ]]| {2}/v;

/** Cuts about 160 characters around the place where most terms of the query stand together: whole words, never
 *  half a character. Without a match, the beginning. Cost: linear in the text, times the terms. */
export function cutSnippet(text: string, query: Query): Snippet {
  const line = inOneLine(text.toWellFormed());
  const matches = findMatches(line, query);
  const [first, last] = densest(matches);
  const anchorStart = matches[first]?.start ?? 0;
  const anchorEnd = Math.min(matches[last]?.end ?? 0, anchorStart + SNIPPET_LENGTH);
  const spare = SNIPPET_LENGTH - (anchorEnd - anchorStart);
  let start = Math.max(0, anchorStart - Math.floor(spare / 2));
  const end = trimEnd(line, Math.min(line.length, start + SNIPPET_LENGTH), anchorEnd);
  start = trimStart(line, Math.max(0, Math.min(start, end - SNIPPET_LENGTH)), anchorStart);
  const lead = start > 0 ? "…" : "";
  const snippet = `${lead}${line.slice(start, end)}${end < line.length ? "…" : ""}`;
  return { snippet, highlights: highlightsIn(matches, start, end, lead.length) };
}

function inOneLine(text: string): string {
  return (HAS_ODD_GAPS.test(text) ? text.replace(GAPS, " ") : text).trim();
}

/** Indexes of the first and last match of the window with the most different terms, then the most matches, then
 *  the earliest. */
function densest(matches: readonly Match[]): readonly [number, number] {
  const counts = new Map<number, number>();
  let best: readonly [number, number] = [0, 0];
  let bestTerms = 0;
  let bestMatches = 0;
  let first = 0;
  matches.forEach((match, last) => {
    counts.set(match.term, (counts.get(match.term) ?? 0) + 1);
    for (; first < last; first++) {
      const dropped = matches[first];
      if (dropped === undefined || match.end - dropped.start <= SNIPPET_LENGTH) break;
      const left = (counts.get(dropped.term) ?? 1) - 1;
      if (left === 0) counts.delete(dropped.term);
      else counts.set(dropped.term, left);
    }
    const size = last - first + 1;
    if (counts.size < bestTerms || (counts.size === bestTerms && size <= bestMatches)) return;
    best = [first, last];
    bestTerms = counts.size;
    bestMatches = size;
  });
  return best;
}

/** The last place at or before `end`, but not before `floor`, that stands between words. */
function trimEnd(line: string, end: number, floor: number): number {
  if (end >= line.length) return line.length;
  for (let at = end; at >= floor && at > end - MAX_TRIM; at--) {
    if (line[at] === " ") return at;
  }
  return isInPair(line, end) ? end - 1 : end;
}

/** The first place at or behind `start`, but not behind `ceiling`, that stands between words. */
function trimStart(line: string, start: number, ceiling: number): number {
  if (start === 0) return 0;
  for (let at = start; at <= ceiling && at < start + MAX_TRIM; at++) {
    if (line[at - 1] === " ") return at;
  }
  return isInPair(line, start) ? start + 1 : start;
}

function isInPair(line: string, at: number): boolean {
  const low = line.charCodeAt(at);
  const high = line.charCodeAt(at - 1);
  return low >= 0xdc00 && low < 0xe000 && high >= 0xd800 && high < 0xdc00;
}

function highlightsIn(
  matches: readonly Match[],
  start: number,
  end: number,
  shift: number,
): (readonly [number, number])[] {
  const highlights: [number, number][] = [];
  for (const match of matches) {
    if (match.end <= start || match.start >= end) continue;
    const from = Math.max(match.start, start) - start + shift;
    const to = Math.min(match.end, end) - start + shift;
    const previous = highlights.at(-1);
    if (previous !== undefined && from < previous[1]) previous[1] = Math.max(previous[1], to);
    else highlights.push([from, to]);
  }
  return highlights;
}
