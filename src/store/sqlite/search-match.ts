import { partMark, repeatMark } from "../sql/search/marks.ts";
import type { Query, Term } from "../text/parse-query.ts";

/** The query in the language of FTS5; `null` when it matches nothing.
 *  @param scopes  when not empty, rows must have one of them */
export function matchExpression(query: Query, scopes: readonly string[]): string | null {
  if (query.all.length === 0) return null;
  const groups = query.all.map((terms) => anyOf(terms.map(expressionOf)));
  if (scopes.length > 0) groups.push(anyOf(scopes.map((scope) => `"${scope}"`)));
  const wanted = groups.join(" AND ");
  if (query.none.length === 0) return wanted;
  return `(${wanted}) NOT ${anyOf(query.none.map(expressionOf))}`;
}

function anyOf(expressions: readonly string[]): string {
  return `(${expressions.join(" OR ")})`;
}

/** A word may also stand inside a camelCase identifier, a phrase not. Words have no quotes to escape. */
export function expressionOf(term: Term): string {
  const column = term.words.length > 1 ? "words : " : "";
  return column + quoted(term.words.join(" "), term);
}

/** Texts that have a word inside identifiers only. */
export function partOf(term: Term): string {
  return quoted(partMark(term.words.join(" ")), term);
}

/** Texts that have a word so many times or more. */
export function repeatedOf(term: Term, times: number): string {
  return quoted(repeatMark(term.words.join(" "), times), term);
}

function quoted(text: string, { isPrefix }: Term): string {
  return `"${text}"${isPrefix ? " *" : ""}`;
}
