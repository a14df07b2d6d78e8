import { ownerScope, tenantScope, threadScope } from "../sql/search/marks.ts";
import { indexedWords } from "../text/indexed-words.ts";
import { isPlainAscii } from "../text/plain-ascii.ts";
import type { Connection } from "./connection.ts";
import { emphasisOf } from "./search-emphasis.ts";

/** Whose a row of the index is. */
export interface DocumentHome {
  readonly tid: number;
  readonly tenant: string;
  readonly owner: string;
}

/** Puts a text into the index, in place of what the row had. A text without words leaves no row. */
export function writeDocument(
  connection: Connection,
  lsn: number,
  text: string,
  { tid, tenant, owner }: DocumentHome,
): void {
  // FTS5 makes the same tokens of plain text by itself, and faster.
  const { words, parts } = isPlainAscii(text) ? { words: text, parts: "" } : indexedWords(text);
  if (words === "") return;
  const scope = `${threadScope(tid)} ${scopesOf(tenant, owner)}${emphasisOf(words, parts)}`;
  connection
    .statement("INSERT OR REPLACE INTO document (rowid, words, parts, scope) VALUES (?, ?, ?, ?)")
    .run(lsn, words, parts, scope);
}

const cache = new Map<string, string>();
const CACHE_LIMIT = 1000;

/** Hashing an owner's name for every row would cost a tenth of the indexing. */
function scopesOf(tenant: string, owner: string): string {
  const name = `${tenant}\n${owner}`;
  let scopes = cache.get(name);
  if (scopes === undefined) {
    if (cache.size >= CACHE_LIMIT) cache.clear();
    scopes = `${ownerScope(tenant, owner)} ${tenantScope(tenant)}`;
    cache.set(name, scopes);
  }
  return scopes;
}
