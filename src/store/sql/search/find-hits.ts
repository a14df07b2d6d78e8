import type { Reader } from "../../key.ts";
import type { SearchHit, SearchPage, SearchQuery } from "../../search.ts";
import { cutSnippet } from "../../text/cut-snippet.ts";
import { matches } from "../../text/matches.ts";
import { parseQuery } from "../../text/parse-query.ts";
import type { Query } from "../../text/parse-query.ts";
import { tokenize } from "../../text/tokenize.ts";
import { roleOf } from "../codes.ts";
import type { Plan } from "../plan.ts";
import { bestFirst, newestFirst } from "./candidates.ts";
import type { Asked, Candidate } from "./candidates.ts";
import { findReadable, scopesOfReader, scopesOfThread } from "./scopes.ts";
import { nameOf, sightsOf } from "./sights.ts";
import type { Sight } from "./sights.ts";
import type { SearchDialect } from "./search-dialect.ts";

type Found = Pick<SearchPage, "hits" | "hasMore">;

const NOTHING: Found = { hits: [], hasMore: false };

/** What the index has for a query. On one state of the data. */
export function* findHits(
  search: SearchDialect,
  newest: number,
  reader: Reader,
  { text, threadId, roles, order = "rank", limit, offset = 0 }: SearchQuery,
): Plan<Found> {
  const query = parseQuery(text);
  if (query.all.length === 0) return NOTHING;
  const only = threadId === undefined ? null : yield* findReadable(reader, threadId);
  if (threadId !== undefined && only === null) return NOTHING;
  const scopes =
    only === null ? yield* scopesOfReader(search, reader) : yield* scopesOfThread(only);
  const asked: Asked = { reader, only, query, roles, scopes, newest };
  const inOrder = order === "recent" ? newestFirst : bestFirst;
  const last = offset + limit;
  // One more than a page, to know whether there is another; more when texts turned out not to match.
  for (let size = last + 1; ; size *= 4) {
    const candidates = yield* inOrder(search, asked, size);
    const sure = yield* surelyFound(candidates, query);
    if (sure.length > last || candidates.length < size) {
      const page = sure.slice(offset, last);
      return { hits: yield* hitsOf(page, query), hasMore: sure.length > last };
    }
  }
}

/** Without those whose text is not what the query asks for. */
function* surelyFound(candidates: readonly Candidate[], query: Query): Plan<readonly Candidate[]> {
  const unsure = candidates.filter(({ isUnsure }) => isUnsure);
  if (unsure.length === 0) return candidates;
  const wrong = new Set<Candidate>();
  for (let at = 0; at < unsure.length; at += LOOKED_AT_ONCE) {
    const some = unsure.slice(at, at + LOOKED_AT_ONCE);
    const sights = yield* sightsOf(some);
    for (const candidate of some) {
      const sight = sights.get(nameOf(candidate));
      if (sight === undefined || !matches(query, tokenize(sight.text))) wrong.add(candidate);
    }
  }
  return candidates.filter((candidate) => !wrong.has(candidate));
}

const LOOKED_AT_ONCE = 128;

function* hitsOf(page: readonly Candidate[], query: Query): Plan<readonly SearchHit[]> {
  const sights = yield* sightsOf(page);
  const hits = page.flatMap((candidate) => {
    const sight = sights.get(nameOf(candidate));
    return sight === undefined ? [] : [hitOf(candidate, sight, query)];
  });
  // The index may lag: what was erased meanwhile has no words.
  return hits.filter(({ highlights }) => highlights.length > 0);
}

function hitOf({ score }: Candidate, sight: Sight, query: Query): SearchHit {
  const { thread, messageId, role, at, text } = sight;
  return {
    threadId: thread.id,
    threadTitle: thread.title,
    messageId,
    role: roleOf(role) ?? null,
    at,
    ...cutSnippet(text, query),
    score,
  };
}
