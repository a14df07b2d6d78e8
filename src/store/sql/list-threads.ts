import { canonicalJson } from "../../model/json.ts";
import { threadOf } from "../../model/thread.ts";
import type { Thread, ThreadProfile } from "../../model/thread.ts";
import type { Reader } from "../key.ts";
import type { ThreadPage, ThreadPosition, ThreadQuery } from "../query.ts";
import { numberAt, parseStored, textAt, textOrNullAt } from "./cell.ts";
import type { Cell, Row } from "./cell.ts";
import type { Dialect } from "./dialect.ts";
import { HEAD_COLUMNS, HEAD_WIDTH } from "./head-codec.ts";
import type { Fragment } from "./list-of.ts";
import { listedThreads } from "./listed-threads.ts";
import { headsAt, headsOf } from "./load-heads.ts";
import { rows } from "./plan.ts";
import type { Plan } from "./plan.ts";

/** Walks the reader's list from the newest thread on. One statement without filters that only this program can judge;
 *  with them as many rows as are skipped, in a few. Costs O(page) where most threads pass. */
export function listThreads(
  dialect: Dialect,
  reader: Reader,
  query: ThreadQuery,
): Plan<ThreadPage> {
  const { tag, metadata, title } = query;
  const isJudged = tag !== undefined || metadata !== undefined || title !== undefined;
  return isJudged ? judgedPage(dialect, reader, query) : plainPage(dialect, reader, query);
}

function* plainPage(dialect: Dialect, reader: Reader, query: ThreadQuery): Plan<ThreadPage> {
  const { limit, offset = 0, after } = query;
  const { sql, parameters } = listedThreads(dialect, reader, query, after);
  const found = yield* rows(
    `SELECT ${HEAD_COLUMNS}, l.listed_at, l.id ${sql} LIMIT ? OFFSET ?`,
    ...parameters,
    limit + 1,
    offset,
  );
  const page = found.slice(0, limit);
  const threads = (yield* headsOf(page)).map(threadOf);
  return pageOf(threads, found.length > limit, page.at(-1), HEAD_WIDTH);
}

/** Rows that are looked at together: more and more, because a filter that few pass takes many. */
const FIRST_LOOK = 100;
const LONGEST_LOOK = 2_000;

function* judgedPage(dialect: Dialect, reader: Reader, query: ThreadQuery): Plan<ThreadPage> {
  const { limit, offset = 0, title, tag, metadata } = query;
  const wanted = offset + limit + 1;
  const passed: Row[] = [];
  const isProfileNeeded = tag !== undefined || metadata !== undefined;
  // Long titles and profiles are not fetched in vain.
  const columns = [
    title === undefined ? "NULL" : "t.title",
    isProfileNeeded ? "t.profile" : "NULL",
  ].join(", ");
  let { after } = query;
  for (let look = FIRST_LOOK; ; look = Math.min(2 * look, LONGEST_LOOK)) {
    const { sql, parameters } = listedThreads(
      dialect,
      reader,
      query,
      after,
      hinted(dialect, query),
    );
    const found = yield* rows(
      `SELECT l.tid, l.listed_at, l.id, ${columns} ${sql} LIMIT ?`,
      ...parameters,
      look,
    );
    for (const row of found) if (passed.length < wanted && passes(row, query)) passed.push(row);
    const last = found.at(-1);
    if (passed.length === wanted || found.length < look || last === undefined) break;
    after = positionOf(last, 1);
  }
  const page = passed.slice(offset, offset + limit);
  const heads = yield* headsAt(page.map((row) => numberAt(row, 0)));
  const threads = page.flatMap((row) => heads.get(numberAt(row, 0)) ?? []).map(threadOf);
  return pageOf(threads, passed.length === wanted, page.at(-1), 1);
}

function pageOf(
  threads: readonly Thread[],
  hasMore: boolean,
  last: Row | undefined,
  column: number,
): ThreadPage {
  return { threads, ...(hasMore && last !== undefined && { next: positionOf(last, column) }) };
}

function positionOf(row: Row, column: number): ThreadPosition {
  return { updatedAt: numberAt(row, column), id: textAt(row, column + 1) };
}

/** What the profile of every thread has that passes, as it is written: leaves out most of the others. */
function hinted(dialect: Dialect, { tag, metadata = {} }: ThreadQuery): Fragment {
  const parts: Cell[] = tag === undefined ? [] : [JSON.stringify(tag)];
  for (const [key, value] of Object.entries(metadata)) {
    const isPlain = typeof value !== "object" || value === null;
    parts.push(`${JSON.stringify(key)}:${isPlain ? JSON.stringify(value) : ""}`);
  }
  return {
    sql: parts.map(() => `AND ${dialect.contains("t.profile", "?")}`).join(" "),
    parameters: parts,
  };
}

/** The filters that SQL cannot judge exactly: JSON values, and letters of all scripts. */
function passes(row: Row, { tag, metadata, title }: ThreadQuery): boolean {
  if (title !== undefined && !folded(textOrNullAt(row, 3) ?? "").includes(folded(title)))
    return false;
  if (tag === undefined && metadata === undefined) return true;
  const profile = parseStored<Partial<ThreadProfile>>(textAt(row, 4));
  return (
    (tag === undefined || (profile.tags ?? []).includes(tag)) &&
    Object.entries(metadata ?? {}).every(([key, value]) => hasValue(profile, key, value))
  );
}

function hasValue(
  { metadata = {} }: Partial<ThreadProfile>,
  key: string,
  value: NonNullable<ThreadQuery["metadata"]>[string],
): boolean {
  const own = Object.hasOwn(metadata, key) ? metadata[key] : undefined;
  return own !== undefined && canonicalJson(own) === canonicalJson(value);
}

// Upper case first: it maps ß and SS to the same.
function folded(text: string): string {
  return text.toUpperCase().toLowerCase();
}
