import type { Reader } from "../../key.ts";
import type { Role } from "../../../model/message.ts";
import type { Query } from "../../text/parse-query.ts";
import { numberAt } from "../cell.ts";
import type { Row } from "../cell.ts";
import { ROLE_CODES } from "../codes.ts";
import { listOf } from "../list-of.ts";
import type { Fragment } from "../list-of.ts";
import { rows } from "../plan.ts";
import type { Plan } from "../plan.ts";
import type { Match, SearchDialect } from "./search-dialect.ts";
import { homeFor } from "./visible.ts";
import { firstWindow, windowBefore } from "./windows.ts";
import type { Window } from "./windows.ts";

/** A document that the reader may see and that may be what the query asks for. */
export interface Candidate {
  readonly tid: number;
  readonly version: number;
  readonly lsn: number;
  /** The thread under which it is listed. */
  readonly home: number;
  /** Larger is better. */
  readonly score: number;
  /** Whether only its text says if the query asks for it. */
  readonly isUnsure: boolean;
}

/** What is looked for, and by whom. */
export interface Asked {
  readonly reader: Reader;
  /** A thread that the reader may read. */
  readonly only: number | null;
  readonly query: Query;
  readonly roles: readonly Role[] | undefined;
  /** Marks of which every document has one. */
  readonly scopes: readonly string[];
  /** The largest lsn of a document. */
  readonly newest: number;
}

/** Ranked are only so many of the newest. */
const RANKED = 10_000;

/** The newest candidates, newest first. Looks at no more of the log than it needs. */
export function* newestFirst(
  search: SearchDialect,
  asked: Asked,
  limit: number,
): Plan<readonly Candidate[]> {
  const order = "s.lsn DESC, s.tid, s.version";
  const found: Candidate[] = [];
  let window: Window | null = firstWindow(asked.newest);
  while (window !== null && found.length < limit) {
    const wanted = limit - found.length;
    const some = yield* candidatesIn(search, asked, window, wanted, order);
    found.push(...withoutParts(some.candidates));
    window = windowBefore(
      asked.newest,
      window,
      found.length,
      limit - found.length,
      search.blocksAtOnce,
    );
  }
  return found;
}

/** The best candidates among the newest 10,000, best first, the newer of two equals first. */
export function* bestFirst(
  search: SearchDialect,
  asked: Asked,
  limit: number,
): Plan<readonly Candidate[]> {
  const order = "s.score DESC, s.lsn DESC, s.tid, s.version";
  const found: Candidate[] = [];
  let ranked = 0;
  let window: Window | null = firstWindow(asked.newest);
  while (window !== null && ranked < RANKED) {
    const some = yield* candidatesIn(search, asked, window, limit, order, RANKED - ranked);
    found.push(...some.candidates);
    ranked += some.among;
    window = windowBefore(asked.newest, window, ranked, RANKED - ranked, search.blocksAtOnce);
  }
  const best = found.toSorted((a, b) => b.score - a.score || b.lsn - a.lsn);
  return withoutParts(best).slice(0, limit);
}

interface InWindow {
  readonly candidates: readonly Candidate[];
  /** Of how many they are the first. */
  readonly among: number;
}

function* candidatesIn(
  search: SearchDialect,
  asked: Asked,
  { from, to, marks }: Window,
  limit: number,
  order: string,
  newest?: number,
): Plan<InWindow> {
  const { reader, only, query, roles, scopes } = asked;
  // What the newest block has too little of is rare.
  const isFewInBlocks = to > asked.newest;
  const match = search.match(query, { scopes, blocks: marks, isFewInBlocks });
  if (match === null) return { candidates: [], among: 0 };
  const isRanked = newest !== undefined;
  const score = isRanked ? match.score : { sql: "0", parameters: [] };
  const home = homeFor(reader, only);
  const ofRoles = roles === undefined ? null : rolesIn(roles);
  const found = yield* rows(
    `WITH found AS ${search.materialized} (
       SELECT d.tid, d.version, d.lsn, d.role, d.loose, ${score.sql} AS score FROM skein_document d
       WHERE ${match.sql} AND d.lsn >= ? AND d.lsn < ?
     ), seen AS ${search.materialized} (
       SELECT k.tid, k.version, k.lsn, k.loose, k.score, ${home.sql} AS home
       FROM found k ${search.threadOfFound}${ofRoles === null ? "" : ` WHERE ${ofRoles.sql}`}
     ), shown AS (
       SELECT seen.* FROM seen WHERE seen.home IS NOT NULL
       ${isRanked ? "ORDER BY seen.lsn DESC LIMIT ?" : ""}
     )
     SELECT s.tid, s.version, s.lsn, s.home, s.score, s.loose, count(*) OVER ()
     FROM shown s ORDER BY ${order} LIMIT ?`,
    ...score.parameters,
    ...match.parameters,
    from,
    to,
    ...home.parameters,
    ...(ofRoles?.parameters ?? []),
    ...(isRanked ? [newest] : []),
    limit,
  );
  return {
    candidates: found.map((row) => candidateOf(row, match)),
    among: found[0] === undefined ? 0 : numberAt(found[0], 6),
  };
}

function rolesIn(roles: readonly Role[]): Fragment {
  if (roles.length === 0) return { sql: "1 = 0", parameters: [] };
  const list = listOf(roles.map((role) => ROLE_CODES[role]));
  return { sql: `k.role IN ${list.sql}`, parameters: list.parameters };
}

function candidateOf(row: Row, { isExact }: Match): Candidate {
  return {
    tid: numberAt(row, 0),
    version: numberAt(row, 1),
    lsn: numberAt(row, 2),
    home: numberAt(row, 3),
    score: numberAt(row, 4),
    isUnsure: !isExact || row[5] === 1,
  };
}

/** The first of several candidates that are pieces of one document. */
function withoutParts(candidates: readonly Candidate[]): readonly Candidate[] {
  const known = new Set<string>();
  return candidates.filter(({ tid, version }) => {
    const name = `${tid} ${version}`;
    return !known.has(name) && known.add(name);
  });
}
