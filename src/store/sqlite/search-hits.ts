import type { Reader } from "../key.ts";
import type { SearchHit, SearchPage, SearchQuery } from "../search.ts";
import { cutSnippet } from "../text/cut-snippet.ts";
import { parseQuery } from "../text/parse-query.ts";
import type { Query } from "../text/parse-query.ts";
import { numberAt, textAt, textOrNullAt } from "./cell.ts";
import { OP_CODES, ROLE_CODES, roleOf } from "./codes.ts";
import type { Connection } from "./connection.ts";
import { bestFirst, newestFirst, placeFinder } from "./search-candidates.ts";
import type { Candidate, Place } from "./search-candidates.ts";
import { textOfPayload } from "./search-document.ts";
import { matchExpression } from "./search-match.ts";
import { findReadable, scopesOfReader, scopesOfThread } from "./search-scope.ts";

type Found = Candidate & Place;

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

  const findPlace = placeFinder(connection, reader, only);
  const wanted =
    roles === undefined ? null : new Set<number | null>(roles.map((role) => ROLE_CODES[role]));
  const last = offset + limit;
  const candidates =
    order === "recent" ? newestFirst(connection, match) : bestFirst(connection, match, last + 1);
  const found: Found[] = [];
  let readable = 0;
  for (const candidate of candidates) {
    const place = findPlace(candidate.lsn);
    if (place === null || (wanted !== null && !wanted.has(place.role))) continue;
    readable++;
    if (readable > last) break;
    if (readable > offset) found.push({ ...candidate, ...place });
  }
  return {
    hits: found.map((it) => hitOf(connection, it, query)),
    hasMore: readable > last,
  };
}

// A queued message was said when it was queued, not when it got its place.
const CONTENT = `SELECT e.mid, t.id, t.title,
    CASE WHEN b.op = ${OP_CODES["message.enqueue"]} THEN b.at ELSE e.at END,
    CASE WHEN e.pos IS NOT NULL THEN coalesce(b.payload, e.payload) END
  FROM log.entry e CROSS JOIN log.thread t ON t.tid = ?
  LEFT JOIN log.entry b ON b.tid = e.tid AND b.version = e.body
  WHERE e.lsn = ?`;

function hitOf(connection: Connection, { lsn, tid, role, score }: Found, query: Query): SearchHit {
  const row = connection.statement(CONTENT).row(tid, lsn) ?? [];
  const threadTitle = textOrNullAt(row, 2);
  const isTitle = role === null;
  const content = isTitle ? (threadTitle ?? "") : textOfPayload(textOrNullAt(row, 4));
  return {
    threadId: textAt(row, 1),
    threadTitle,
    messageId: isTitle ? null : textAt(row, 0),
    role: isTitle ? null : (roleOf(role) ?? null),
    at: numberAt(row, 3),
    ...cutSnippet(content, query),
    score,
  };
}
