import { textOf } from "./part.ts";
import type { Part } from "./part.ts";

const TITLE_CHARACTERS = 50;
const PREVIEW_CHARACTERS = 100;

/** A title from the first words of a message: at most 50 characters, cut at a word. `null` without text. */
export function autoTitle(parts: readonly Part[]): string | null {
  const words = textOf(parts)
    .slice(0, 400)
    .split(/[\s\p{Cc}]+/u)
    .filter(Boolean);
  let title = "";
  for (const word of words) {
    const longer = title === "" ? word : `${title} ${word}`;
    if (lengthOf(longer) > TITLE_CHARACTERS) {
      // One word alone can be too long, an URL for example.
      return title === "" ? `${firstCharacters(word, TITLE_CHARACTERS - 1)}…` : title;
    }
    title = longer;
  }
  return title === "" ? null : title;
}

/** The first 100 characters of what a person reads; `null` without text. */
export function preview(parts: readonly Part[]): string | null {
  const whole = textOf(parts);
  if (whole.length <= PREVIEW_CHARACTERS) return whole === "" ? null : whole;
  return firstCharacters(whole, PREVIEW_CHARACTERS);
}

// Characters are code points, so that no surrogate pair is cut.
function firstCharacters(value: string, count: number): string {
  let end = count;
  if (/[\ud800-\udbff]/.test(value.slice(0, count))) {
    end = 0;
    for (let seen = 0; seen < count && end < value.length; seen++)
      end += (value.codePointAt(end) ?? 0) > 0xffff ? 2 : 1;
  }
  // A plain slice would keep the whole text alive for as long as its beginning is needed.
  return end >= value.length ? value : ` ${value.slice(0, end)}`.slice(1);
}

function lengthOf(value: string): number {
  return value.length <= TITLE_CHARACTERS ? value.length : Array.from(value).length;
}
