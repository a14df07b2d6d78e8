import { canonicalJson } from "../../model/json.ts";
import { threadOf } from "../../model/thread.ts";
import type { ThreadHead, ThreadProfile } from "../../model/thread.ts";
import type { Reader } from "../key.ts";
import type { ThreadPage, ThreadPosition, ThreadQuery } from "../query.ts";
import { numberAt, parseStored, textAt, textOrNullAt } from "../sql/cell.ts";
import type { Row } from "../sql/cell.ts";
import { STATUS_CODES } from "../sql/codes.ts";
import type { Connection } from "./connection.ts";
import { HEAD_COLUMNS } from "../sql/head-codec.ts";
import { EVERYBODY } from "./listing-rows.ts";
import { headOf } from "./load-heads.ts";

/** Walks the reader's list from the newest thread on. Costs O(page) without filters; a filter that few threads pass
 *  costs as many rows as it skips. */
export function listThreads(
  connection: Connection,
  reader: Reader,
  query: ThreadQuery,
): ThreadPage {
  const { limit, offset = 0 } = query;
  const page: Row[] = [];
  let skipped = 0;
  let hasMore = false;
  for (const row of candidates(connection, reader, query)) {
    if (!passes(row, query)) continue;
    if (skipped < offset) skipped += 1;
    else if (page.length < limit) page.push(row);
    else {
      hasMore = true;
      break;
    }
  }
  const last = page.at(-1);
  return {
    threads: page.map((row) => threadOf(headAt(connection, numberAt(row, 0)))),
    ...(hasMore && last !== undefined && { next: positionOf(last) }),
  };
}

const CANDIDATE_COLUMNS = "l.tid, l.listed_at, l.id, t.title, t.profile";

function positionOf(row: Row): ThreadPosition {
  return { updatedAt: numberAt(row, 1), id: textAt(row, 2) };
}

function headAt(connection: Connection, tid: number): ThreadHead {
  const row = connection
    .statement(
      `SELECT ${HEAD_COLUMNS} FROM skein_thread t JOIN skein_head h ON h.tid = t.tid WHERE t.tid = ?`,
    )
    .row(tid);
  return headOf(connection, row ?? []);
}

function candidates(
  connection: Connection,
  { tenant, user }: Reader,
  query: ThreadQuery,
): Iterable<Row> {
  const { owner, agentId, status, archived = false, deleted = false, from, to, after } = query;
  const state = (archived ? 1 : 0) + (deleted ? 2 : 0);
  return connection
    .statement(
      `SELECT ${CANDIDATE_COLUMNS} FROM skein_listing l CROSS JOIN skein_thread t ON t.tid = l.tid
       WHERE l.tenant = ?1 AND l.user_id = ?2 AND l.state = ?3
         AND l.listed_at >= ?4 AND l.listed_at <= ?5
         AND (?6 IS NULL OR (l.listed_at, ?7) < (?6, l.id))
         AND (?8 IS NULL OR t.owner = ?8)
         AND (?9 IS NULL OR t.agent_id = ?9)
         AND (?10 IS NULL OR (SELECT h.status FROM skein_head h WHERE h.tid = l.tid) = ?10)
       ORDER BY l.listed_at DESC, l.id`,
    )
    .each(
      tenant,
      // Every thread stands in its owner's list too, which is the shorter one.
      user ?? owner ?? EVERYBODY,
      state,
      from ?? 0,
      Math.min(to ?? Number.MAX_SAFE_INTEGER, after?.updatedAt ?? Number.MAX_SAFE_INTEGER),
      after?.updatedAt ?? null,
      after?.id ?? null,
      owner ?? null,
      agentId ?? null,
      status === undefined ? null : STATUS_CODES[status],
    );
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
