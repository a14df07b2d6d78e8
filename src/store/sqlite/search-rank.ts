import { numberAt, textOrNullAt } from "../sql/cell.ts";
import type { Query, Term } from "../text/parse-query.ts";
import type { Connection } from "./connection.ts";
import type { Candidate } from "./search-candidates.ts";
import { expressionOf, matchExpression, partOf, repeatedOf } from "./search-match.ts";
import { inOrder } from "./search-order.ts";
import { REPEATS } from "./search-emphasis.ts";
import { scoresOf } from "./search-score.ts";

/** So many hits are compared with each other. */
const RANKED = 10_000;

// More words than a person types say little about what is meant, and each costs more looks at the index.
const MAX_TERMS = 16;

// A word inside an identifier is only a piece of the word that stands in the text.
const PART = 0.5;

/** Best first among the newest 10,000, the newer of two equals first; then the best of the 10,000 before, and so on. What
 *  each 10,000 cost does not depend on how many there are: to rank by itself, FTS5 would count all texts with a word.
 *  @param guess  how many the caller needs when the reader may see all of them */
export function* bestFirst(
  connection: Connection,
  query: Query,
  scopes: readonly string[],
  guess: number,
): Generator<Candidate> {
  const match = matchExpression(query, scopes);
  if (match === null) return;
  // Where every text with one of the words is a hit, the words alone are found faster.
  const isPlain = scopes.length === 0 && query.all.length === 1 && query.none.length === 0;
  let before = Number.MAX_SAFE_INTEGER;
  for (;;) {
    const hits = loadHits(connection, match, before);
    const oldest = hits.lsns.at(-1);
    if (oldest === undefined) return;
    const having = (what: string): readonly number[] =>
      lsnsOf(connection, isPlain ? what : `(${match}) AND ${what}`, oldest, before);
    const counts = termsOf(query).map((term) => countsOf(term, hits.lsns, having));
    const scores = scoresOf(hits.sizes, counts);
    for (const at of inOrder(scores, guess))
      yield { lsn: hits.lsns[at] ?? 0, score: scores[at] ?? 0 };
    if (hits.lsns.length < RANKED) return;
    before = oldest;
  }
}

interface Hits {
  /** Newest first. */
  readonly lsns: readonly number[];
  /** Words of each text. */
  readonly sizes: readonly number[];
}

/** FTS5 keeps how many words a row has; as one long text they are read in a third of the time of 10,000 rows. */
function loadHits(connection: Connection, match: string, before: number): Hits {
  const row = connection
    .statement(
      `SELECT group_concat(h.lsn), group_concat(hex(substr(s.sz, 1, 3)), '') FROM (
         SELECT rowid AS lsn FROM document WHERE document MATCH ? AND rowid < ?
         ORDER BY rowid DESC LIMIT ${RANKED}
       ) h CROSS JOIN document_docsize s ON s.id = h.lsn`,
    )
    .row(match, before);
  const lsns = textOrNullAt(row ?? [null], 0);
  if (lsns === null) return { lsns: [], sizes: [] };
  const sizes = Buffer.from(textOrNullAt(row ?? [], 1) ?? "", "hex");
  return {
    lsns: lsns.split(",").map(Number),
    sizes: Array.from({ length: sizes.length / 3 }, (_, at) => sizeAt(sizes, 3 * at)),
  };
}

/** A number in FTS5's way: seven bits to a byte, the high bit of all bytes but the last is set. */
function sizeAt(bytes: Uint8Array, start: number): number {
  let size = 0;
  for (let at = start; at < start + 3; at++) {
    const byte = bytes[at] ?? 0;
    size = size * 128 + (byte & 127);
    if (byte < 128) break;
  }
  return size;
}

/** Rows with something, newest first. */
function lsnsOf(
  connection: Connection,
  match: string,
  from: number,
  before: number,
): readonly number[] {
  return connection
    .statement(
      `SELECT rowid FROM document WHERE document MATCH ? AND rowid >= ? AND rowid < ?
       ORDER BY rowid DESC`,
    )
    .rows(match, from, before)
    .map((row) => numberAt(row, 0));
}

interface RankedTerm {
  readonly term: Term;
  /** Whether every hit has it. */
  readonly isInAll: boolean;
}

function termsOf({ all }: Query): readonly RankedTerm[] {
  const terms = all.flatMap((group) =>
    group.map((term): RankedTerm => ({ term, isInAll: group.length === 1 })),
  );
  return terms.slice(0, MAX_TERMS);
}

/** About how often each hit has a term. */
function countsOf(
  { term, isInAll }: RankedTerm,
  lsns: readonly number[],
  having: (what: string) => readonly number[],
): Float64Array {
  const counts = new Float64Array(lsns.length).fill(isInAll ? 1 : 0);
  if (!isInAll) note(counts, lsns, having(expressionOf(term)), 1);
  if (term.words.length > 1) return counts;
  note(counts, lsns, having(partOf(term)), PART);
  for (const times of REPEATS) {
    const repeated = having(repeatedOf(term, times));
    if (repeated.length === 0) break;
    note(counts, lsns, repeated, times);
  }
  return counts;
}

/** Both lists are newest first. */
function note(
  counts: Float64Array,
  lsns: readonly number[],
  found: readonly number[],
  count: number,
): void {
  let at = 0;
  for (const lsn of found) {
    while (at < lsns.length && (lsns[at] ?? 0) > lsn) at++;
    if (lsns[at] === lsn) counts[at] = count;
  }
}
