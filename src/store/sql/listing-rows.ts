import { numberAt, textAt } from "./cell.ts";
import type { Dialect } from "./dialect.ts";
import { insertRows } from "./insert-rows.ts";
import type { Target } from "./insert-rows.ts";
import { listOf } from "./list-of.ts";
import { change, row, rows } from "./plan.ts";
import type { Plan } from "./plan.ts";
import type { ProfileRecord } from "./records.ts";

/** In whose list every thread of the tenant stands: that of readers with all rights. */
const EVERYBODY = "*";

/** The name of a reader's list; `null` is everybody's. A user may be called anything, and gets no other list by it. */
export function listNameOf(user: string | null): string {
  if (user === null) return EVERYBODY;
  return user.startsWith(EVERYBODY) ? `${EVERYBODY}${user}` : user;
}

/** The names of the lists that a thread stands in. */
export function listNamesOf(owner: string, members: readonly string[]): readonly string[] {
  return [...new Set([null, owner, ...members])].map(listNameOf);
}

type Listing = NonNullable<ProfileRecord["listing"]>;

const MEMBERS: Target = { table: "skein_member", columns: ["tid", "user_id", "role"] };

const LISTINGS: Target = {
  table: "skein_listing",
  columns: ["tenant", "user_id", "state", "listed_at", "id", "tid"],
};

/** Members and list rows of a thread that has none yet. */
export function* listNew(
  dialect: Dialect,
  { tid, tenant, id, updatedAt }: NewThread,
  { owner, state, members }: Listing,
): Plan<void> {
  yield* insertMembers(dialect, tid, members);
  if (state === null) return;
  const lists = listNamesOf(
    owner,
    members.map(([member]) => member),
  );
  yield* insertRows(
    dialect,
    LISTINGS,
    lists.map((list) => [tenant, list, state, updatedAt, id, tid]),
  );
}

interface NewThread {
  readonly tid: number;
  readonly tenant: string;
  readonly id: string;
  readonly updatedAt: number;
}

function insertMembers(dialect: Dialect, tid: number, members: Listing["members"]): Plan<void> {
  return insertRows(
    dialect,
    MEMBERS,
    members.map(([user, role]) => [tid, user, role]),
  );
}

export function* writeMembers(
  dialect: Dialect,
  tid: number,
  { members }: Pick<Listing, "members">,
): Plan<void> {
  yield* change("DELETE FROM skein_member WHERE tid = ?", tid);
  yield* insertMembers(dialect, tid, members);
}

/** Takes the thread out of every list. Before members or the owner change. */
export function* unlist(tid: number): Plan<void> {
  const thread = yield* listedThread(tid);
  if (thread === undefined) return;
  const { tenant, id, owner, listedAt } = thread;
  const lists = listOf(yield* listsOf(tid, owner));
  yield* change(
    `DELETE FROM skein_listing WHERE tenant = ? AND user_id IN ${lists.sql}
       AND state IN (0, 1, 2, 3) AND listed_at = ? AND id = ?`,
    tenant,
    ...lists.parameters,
    listedAt,
    id,
  );
}

/** Puts the thread into the lists of everybody who may see it; `null` into none. */
export function* relist(dialect: Dialect, tid: number, state: number | null): Plan<void> {
  if (state === null) return;
  const thread = yield* listedThread(tid);
  if (thread === undefined) return;
  const { tenant, id, owner, listedAt } = thread;
  const lists = yield* listsOf(tid, owner);
  yield* insertRows(
    dialect,
    LISTINGS,
    lists.map((list) => [tenant, list, state, listedAt, id, tid]),
  );
}

/** Brings the thread to its place by the time of its last change. */
export function* moveInLists(tid: number): Plan<void> {
  const thread = yield* listedThread(tid);
  if (thread === undefined || thread.listedAt === thread.updatedAt) return;
  const { tenant, id, owner, state, listedAt, updatedAt } = thread;
  for (const list of yield* listsOf(tid, owner))
    yield* change(
      `UPDATE skein_listing SET listed_at = ?
       WHERE tenant = ? AND user_id = ? AND state = ? AND listed_at = ? AND id = ?`,
      updatedAt,
      tenant,
      list,
      state,
      listedAt,
      id,
    );
  yield* change("UPDATE skein_head SET listed_at = ? WHERE tid = ?", updatedAt, tid);
}

/** The same for many threads in three statements, where an index finds the list rows of a thread. */
export function* moveAllInLists(dialect: Dialect, tids: readonly number[]): Plan<void> {
  if (tids.length === 0) return;
  const changed = listOf(tids);
  const moved = yield* rows(
    `SELECT tid FROM skein_head WHERE tid IN ${changed.sql} AND listed_at <> updated_at
     ORDER BY tid ${dialect.forUpdate}`,
    ...changed.parameters,
  );
  if (moved.length === 0) return;
  const moving = listOf(moved.map((found) => numberAt(found, 0)));
  yield* change(
    `UPDATE skein_listing SET listed_at =
       (SELECT h.updated_at FROM skein_head h WHERE h.tid = skein_listing.tid)
     WHERE tid IN ${moving.sql}`,
    ...moving.parameters,
  );
  yield* change(
    `UPDATE skein_head SET listed_at = updated_at WHERE tid IN ${moving.sql}`,
    ...moving.parameters,
  );
}

interface ListedThread {
  readonly tenant: string;
  readonly id: string;
  readonly owner: string;
  readonly state: number;
  readonly listedAt: number;
  readonly updatedAt: number;
}

function* listedThread(tid: number): Plan<ListedThread | undefined> {
  const found = yield* row(
    `SELECT t.tenant, t.id, t.owner,
       CASE WHEN t.archived_at IS NULL THEN 0 ELSE 1 END + CASE WHEN t.deleted_at IS NULL THEN 0 ELSE 2 END,
       h.listed_at, h.updated_at
     FROM skein_thread t JOIN skein_head h ON h.tid = t.tid WHERE t.tid = ?`,
    tid,
  );
  return (
    found && {
      tenant: textAt(found, 0),
      id: textAt(found, 1),
      owner: textAt(found, 2),
      state: numberAt(found, 3),
      listedAt: numberAt(found, 4),
      updatedAt: numberAt(found, 5),
    }
  );
}

function* listsOf(tid: number, owner: string): Plan<readonly string[]> {
  const members = yield* rows("SELECT user_id FROM skein_member WHERE tid = ?", tid);
  return listNamesOf(
    owner,
    members.map((found) => textAt(found, 0)),
  );
}
