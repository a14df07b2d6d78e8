import { tokenize } from "./tokenize.ts";

/** A word, or several that must stand side by side in this order. Never empty. */
export interface Term {
  readonly words: readonly string[];
  /** The last word may go on. */
  readonly isPrefix: boolean;
}

/** Matches a text in which each group of `all` has a term, and `none` has none. Without a group it matches nothing. */
export interface Query {
  readonly all: readonly (readonly Term[])[];
  readonly none: readonly Term[];
}

// What a person types is far shorter; beyond this a query only costs.
const MAX_QUERY_LENGTH = 1000;
const MAX_TERMS = 64;

// An optional minus, then a phrase in quotes (the closing one may be missing) or a word; then perhaps a star.
const PIECE =
  /(?<minus>-(?![\-\s]))?(?:["“”„](?<phrase>[^"“”„]*)(?:["“”„]|$)|(?<word>[^\s"“”„]+))(?<star>\*)?/gv;

/** Reads what a person typed: words are all required, `"a phrase"`, `-not`, `this OR that` (binds tighter than
 *  "all"), `prefix*`. A word that the tokenizer splits (`read_file`, `3.14`) is a phrase. Never throws; what has no
 *  letter or digit is left out; only the first 1,000 characters and 64 terms count. */
export function parseQuery(text: string): Query {
  const all: Term[][] = [];
  const none: Term[] = [];
  let joinsPrevious = false;
  let terms = 0;
  for (const { groups } of text.slice(0, MAX_QUERY_LENGTH).matchAll(PIECE)) {
    if (groups === undefined || terms === MAX_TERMS) break;
    if (groups["word"] === "OR" && groups["minus"] === undefined) {
      joinsPrevious = all.length > 0;
      continue;
    }
    const term = termOf(groups["phrase"] ?? groups["word"] ?? "", groups["star"] !== undefined);
    if (term === null) continue;
    terms++;
    const previous = all.at(-1);
    if (groups["minus"] !== undefined) none.push(term);
    else if (joinsPrevious && previous !== undefined) previous.push(term);
    else all.push([term]);
    joinsPrevious = false;
  }
  return { all, none };
}

function termOf(written: string, hasStar: boolean): Term | null {
  const words = tokenize(written).map((token) => token.text);
  if (words.length === 0) return null;
  return { words, isPrefix: hasStar || written.endsWith("*") };
}
