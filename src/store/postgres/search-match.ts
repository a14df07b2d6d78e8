import { LOOSE_MARK, SPLIT_MARK } from "../sql/search/marks.ts";
import type { Marks, Match } from "../sql/search/search-dialect.ts";
import type { Query, Term } from "../text/parse-query.ts";

/** The query as a tsquery; `null` when it matches nothing. */
export function matchOf(query: Query, { scopes, blocks }: Marks): Match | null {
  if (query.all.length === 0) return null;
  const groups = query.all.map((terms) => anyOf(terms.map(expressionOf)));
  const wanted = allOf([...groups, ...query.none.map((term) => `!${expressionOf(term)}`)]);
  const restrictions = [scopes, blocks]
    .filter(({ length }) => length > 0)
    .map((marks) => anyOf(marks.map((mark) => `'${mark}'`)));
  const found = allOf([anyOf([wanted, ...inPieces(query)]), ...restrictions]);
  const ranked = anyOf(query.all.flat().map(rankedOf));
  return {
    sql: "d.words @@ CAST(? AS tsquery)",
    parameters: [found],
    score: {
      // Weights of D, C, B and A; long texts count less.
      sql: "ts_rank(CAST('{0.1,0.1,0.5,1}' AS real[]), d.words, CAST(? AS tsquery), 1)",
      parameters: [ranked],
    },
    isExact: true,
  };
}

function allOf(expressions: readonly string[]): string {
  return expressions.length === 1 ? (expressions[0] ?? "") : `(${expressions.join(" & ")})`;
}

function anyOf(expressions: readonly string[]): string {
  return expressions.length === 1 ? (expressions[0] ?? "") : `(${expressions.join(" | ")})`;
}

/** A word may also stand inside a camelCase identifier, a phrase not. Where the index has no places, all words of a
 *  phrase are enough. */
function expressionOf(term: Term): string {
  const { words } = term;
  if (words.length === 1) return wordOf(term, 0, "");
  const phrase = words.map((_, at) => wordOf(term, at, "A")).join(" <-> ");
  const loose = words.map((_, at) => wordOf(term, at, ""));
  return `((${phrase}) | ${allOf([`'${LOOSE_MARK}'`, ...loose])})`;
}

/** What ranks a document: its phrase, or its word. */
function rankedOf(term: Term): string {
  return allOf(term.words.map((_, at) => wordOf(term, at, "")));
}

/** Words have no quotes to escape. */
function wordOf({ words, isPrefix }: Term, at: number, weight: string): string {
  const star = isPrefix && at === words.length - 1 ? "*" : "";
  const label = `${star}${weight}`;
  return `'${words[at] ?? ""}'${label === "" ? "" : `:${label}`}`;
}

/** Of a text in several pieces any word is enough. */
function inPieces({ all, none }: Query): readonly string[] {
  const terms = all.flat();
  const isOneWord = all.length === 1 && terms.every(({ words }) => words.length === 1);
  if (isOneWord && none.length === 0) return [];
  const words = terms.flatMap((term) => term.words.map((_, at) => wordOf(term, at, "")));
  return [allOf([`'${SPLIT_MARK}'`, anyOf(words)])];
}
