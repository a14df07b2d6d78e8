import type { Reader } from "../key.ts";
import type { SearchHit, SearchPage, SearchQuery } from "../search.ts";
import { cutSnippet } from "../text/cut-snippet.ts";
import { parseQuery } from "../text/parse-query.ts";
import type { Query } from "../text/parse-query.ts";
import { textAt, textOrNullAt } from "../sql/cell.ts";
import { ROLE_CODES, roleOf } from "../sql/codes.ts";
import type { Connection } from "./connection.ts";
import { newestFirst, sightOf } from "./search-candidates.ts";
import type { Sight } from "./search-candidates.ts";
import { textOfPayload } from "../sql/text-of-payload.ts";
import { matchExpression } from "./search-match.ts";
import { bestFirst } from "./search-rank.ts";
import { findReadable, scopesOfReader, scopesOfThread } from "./search-scope.ts";

/** What the index has for a query. For use in a transaction, so that index and log are seen at one moment. */
export function findHits(
  connection: Connection,
  reader: Reader,
  { text, threadId, roles, order = "rank", limit, offset = 0 }: SearchQuery,
): Pick<SearchPage, "hits" | "hasMore"> {
  const nothing = { hits: [], hasMore: false };
  const only = threadId === undefined ? null : findReadable(connection, reader, threadId);
  if (threadId !== undefined && only === null) return nothing;
  const query = parseQuery(text);
  const scopes =
    only === null ? scopesOfReader(connection, reader) : scopesOfThread(connection, only);
  const match = matchExpression(query, scopes);
  if (match === null) return nothing;

  const mask = roles?.reduce((bits, role) => bits | (1 << ROLE_CODES[role]), 0) ?? null;
  const look = sightOf(connection, reader, only, mask);
  const last = offset + limit;
  const candidates =
    order === "recent"
      ? newestFirst(connection, match)
      : bestFirst(connection, query, scopes, last + 1);
  const hits: SearchHit[] = [];
  let readable = 0;
  for (const { lsn, score } of candidates) {
    const sight = look(lsn);
    if (sight === null) continue;
    readable++;
    if (readable > last) break;
    if (readable > offset) hits.push(hitOf(connection, sight, score, query));
  }
  return { hits, hasMore: readable > last };
}

function hitOf(connection: Connection, sight: Sight, score: number, query: Query): SearchHit {
  const { tid, origin, role, messageId, at, payload } = sight;
  const { id, title } = tid === origin.tid ? origin : threadOf(connection, tid);
  return {
    threadId: id,
    threadTitle: title,
    messageId,
    role: roleOf(role) ?? null,
    at,
    ...cutSnippet(messageId === null ? (title ?? "") : textOfPayload(payload), query),
    score,
  };
}

function threadOf(
  connection: Connection,
  tid: number,
): { readonly id: string; readonly title: string | null } {
  const row =
    connection.statement("SELECT id, title FROM log.skein_thread WHERE tid = ?").row(tid) ?? [];
  return { id: textAt(row, 0), title: textOrNullAt(row, 1) };
}
