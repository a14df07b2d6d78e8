import { isDeepStrictEqual } from "node:util";
import { dueAtOf } from "../../model/lifetime.ts";
import type { ThreadHead } from "../../model/thread.ts";
import { numberAt, numberOrNullAt, textAt, textOrNullAt } from "./cell.ts";
import { OP_CODES } from "./codes.ts";
import type { Dialect } from "./dialect.ts";
import { stateOf } from "./encode-rare.ts";
import type { Finding } from "./finding.ts";
import { listNamesOf, relist, writeMembers } from "./listing-rows.ts";
import { listOf } from "./list-of.ts";
import { livingHeads } from "./living-heads.ts";
import { change, rows } from "./plan.ts";
import type { Plan } from "./plan.ts";
import { startDepthOf } from "./segments.ts";

/** What stands beside the log: segments, open messages, members, lists, origins of forks, ends of time, chunks. */
export function* checkTables(dialect: Dialect): Plan<readonly Finding[]> {
  const findings = [...(yield* checkSegments()), ...(yield* checkChunks())];
  let listed: ReadonlyMap<number, readonly string[]> = new Map();
  let listedTo = 0;
  for (let after = 0; ;) {
    const heads = yield* livingHeads(after);
    const last = heads.at(-1)?.[0];
    if (last === undefined) return findings;
    if (last > listedTo) {
      listedTo = last + LISTED_AT_ONCE;
      listed = yield* listedIn(after, listedTo);
    }
    const members = yield* membersIn(heads.map(([tid]) => tid));
    const open = yield* openIn(heads.map(([tid]) => tid));
    const places = yield* placesIn(heads.map(([tid]) => tid));
    for (const [tid, head] of heads) {
      findings.push(...checkLists(dialect, tid, head, listed.get(tid) ?? []));
      findings.push(...checkMembers(dialect, tid, head, members.get(tid) ?? []));
      findings.push(...checkOpen(head, open.get(tid) ?? []));
      findings.push(...checkPlaces(tid, head, places.get(tid) ?? NOWHERE));
    }
    after = last;
  }
}

// Many, because not every database has an index for them.
const LISTED_AT_ONCE = 20_000;

function checkLists(
  dialect: Dialect,
  tid: number,
  { profile }: ThreadHead,
  listed: readonly string[],
): readonly Finding[] {
  const { id, owner, members } = profile;
  const state = stateOf(profile) ?? 0;
  const expected = listNamesOf(owner, Object.keys(members)).map((list) => `${list} ${state}`);
  if (isDeepStrictEqual(listed.toSorted(), expected.toSorted())) return [];
  const repair = function* (): Plan<void> {
    yield* change("DELETE FROM skein_listing WHERE tid = ?", tid);
    yield* writeMembers(dialect, tid, { members: Object.entries(members) });
    yield* relist(dialect, tid, state);
  };
  const problem = "the thread is not in the lists of those who may see it";
  return [{ threadId: id, problem, repair }];
}

function checkMembers(
  dialect: Dialect,
  tid: number,
  { profile: { id, members } }: ThreadHead,
  stored: readonly (readonly [user: string, role: string])[],
): readonly Finding[] {
  const isRight = isDeepStrictEqual(new Map(stored), new Map(Object.entries(members)));
  const repair = (): Plan<void> => writeMembers(dialect, tid, { members: Object.entries(members) });
  return isRight
    ? []
    : [{ threadId: id, problem: "the members are not those of the head", repair }];
}

/** What a thread was forked from, and when its time is over: by these it is found. */
interface Places {
  readonly origin: string | null;
  readonly dueAt: number | null;
}

const NOWHERE: Places = { origin: null, dueAt: null };

function checkPlaces(tid: number, { profile }: ThreadHead, stored: Places): readonly Finding[] {
  const { id: threadId, forkedFrom } = profile;
  const expected: Places = { origin: forkedFrom?.threadId ?? null, dueAt: dueAtOf(profile) };
  const repair = function* (): Plan<void> {
    yield* change(
      "UPDATE skein_thread SET forked_from = ?, due_at = ? WHERE tid = ?",
      expected.origin,
      expected.dueAt,
      tid,
    );
  };
  const findings: Finding[] = [];
  if (stored.origin !== expected.origin)
    findings.push({ threadId, problem: "it is not among the forks of its origin", repair });
  if (stored.dueAt !== expected.dueAt)
    findings.push({ threadId, problem: "it is not due when its time is over", repair });
  return findings;
}

function* placesIn(tids: readonly number[]): Plan<ReadonlyMap<number, Places>> {
  const list = listOf(tids);
  const found = yield* rows(
    `SELECT tid, forked_from, due_at FROM skein_thread
     WHERE (forked_from IS NOT NULL OR due_at IS NOT NULL) AND tid IN ${list.sql}`,
    ...list.parameters,
  );
  return new Map(
    found.map((row) => [
      numberAt(row, 0),
      { origin: textOrNullAt(row, 1), dueAt: numberOrNullAt(row, 2) },
    ]),
  );
}

function* membersIn(
  tids: readonly number[],
): Plan<ReadonlyMap<number, readonly (readonly [string, string])[]>> {
  const list = listOf(tids);
  const found = yield* rows(
    `SELECT tid, user_id, role FROM skein_member WHERE tid IN ${list.sql}`,
    ...list.parameters,
  );
  const members = Map.groupBy(found, (row) => numberAt(row, 0));
  return new Map(
    [...members].map(([tid, of]) => [tid, of.map((row) => [textAt(row, 1), textAt(row, 2)])]),
  );
}

function checkOpen({ profile, activity }: ThreadHead, open: readonly string[]): readonly Finding[] {
  const expected = activity.open.map(({ messageId }) => messageId);
  if (isDeepStrictEqual(open.toSorted(), expected.toSorted())) return [];
  return [{ threadId: profile.id, problem: "the open messages are not those of the head" }];
}

/** Users and states of the lists that threads stand in, for threads behind a number; rows that are not at the thread's
 *  time count as none. */
function* listedIn(after: number, last: number): Plan<ReadonlyMap<number, readonly string[]>> {
  const found = yield* rows(
    `SELECT l.tid, l.user_id, l.state, CASE WHEN l.listed_at = h.listed_at THEN 1 ELSE 0 END
     FROM skein_listing l JOIN skein_head h ON h.tid = l.tid WHERE l.tid > ? AND l.tid <= ?`,
    after,
    last,
  );
  const listed = new Map<number, string[]>();
  for (const row of found) {
    const names = listed.get(numberAt(row, 0)) ?? [];
    names.push(row[3] === 1 ? `${textAt(row, 1)} ${numberAt(row, 2)}` : "misplaced");
    listed.set(numberAt(row, 0), names);
  }
  return listed;
}

function* openIn(tids: readonly number[]): Plan<ReadonlyMap<number, readonly string[]>> {
  const list = listOf(tids);
  const found = yield* rows(
    `SELECT tid, mid FROM skein_entry
     WHERE tid IN ${list.sql} AND op = ${OP_CODES["message.open"]} AND body IS NULL`,
    ...list.parameters,
  );
  const open = Map.groupBy(found, (row) => numberAt(row, 0));
  return new Map([...open].map(([tid, of]) => [tid, of.map((row) => textAt(row, 1))]));
}

function* checkSegments(): Plan<readonly Finding[]> {
  const found = yield* rows(
    `SELECT t.id, s.number FROM skein_segment s JOIN skein_thread t ON t.tid = s.tid
     WHERE s.parent_tid IS NOT NULL AND s.start_depth
       <> ${startDepthOf("s.parent_tid", "s.parent_number")} + s.parent_position`,
  );
  return found.map((row) => ({
    threadId: textAt(row, 0),
    problem: `segment ${numberAt(row, 1)} does not start below the message that it continues`,
  }));
}

function* checkChunks(): Plan<readonly Finding[]> {
  const found = yield* rows(
    `SELECT DISTINCT c.tid, c.mid, t.id FROM skein_chunk c LEFT JOIN skein_thread t ON t.tid = c.tid
     WHERE NOT EXISTS (SELECT 1 FROM skein_entry e WHERE e.tid = c.tid AND e.mid = c.mid
       AND e.op = ${OP_CODES["message.open"]} AND e.body IS NULL)`,
  );
  return found.map((row) => ({
    threadId: String(row[2]),
    problem: `message ${textAt(row, 1)} is not open and has chunks`,
    repair: () =>
      change("DELETE FROM skein_chunk WHERE tid = ? AND mid = ?", numberAt(row, 0), textAt(row, 1)),
  }));
}
