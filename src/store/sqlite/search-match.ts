import { hash } from "node:crypto";
import type { Query, Term } from "../text/parse-query.ts";

// Private-use characters are in no word of a text, so that a scope never matches one.
const MARK = "\u{E000}";

/** The words in the index that say whose a row is. A query with them skips what a reader cannot see anyway; who may
 *  see a row is decided by the log's tables, never by these. */
export function threadScope(tid: number): string {
  return `${MARK}t${tid}`;
}

export function tenantScope(tenant: string): string {
  return `${MARK}n${shortened(tenant)}`;
}

export function ownerScope(tenant: string, owner: string): string {
  return `${MARK}o${shortened(`${tenant}\n${owner}`)}`;
}

// Ids have characters that would split a word. A collision only costs rows that are looked at in vain.
function shortened(name: string): string {
  return hash("sha256", name, "hex").slice(0, 12);
}

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
function expressionOf({ words, isPrefix }: Term): string {
  const column = words.length > 1 ? "words : " : "";
  return `${column}"${words.join(" ")}"${isPrefix ? " *" : ""}`;
}
