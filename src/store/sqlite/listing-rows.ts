import { numberAt, textAt } from "../sql/cell.ts";
import type { Connection } from "./connection.ts";
import type { ProfileRecord } from "../sql/records.ts";

/** In whose list every thread of the tenant stands: that of readers with all rights. No user has this name. */
export const EVERYBODY = "*";

type Listing = NonNullable<ProfileRecord["listing"]>;

/** Members and list rows of a thread that has none yet. */
export function listNew(
  connection: Connection,
  { tid, tenant, id, updatedAt }: NewThread,
  { owner, state, members }: Listing,
): void {
  for (const [user, role] of members) insertMember(connection, tid, user, role);
  if (state === null) return;
  for (const user of new Set([EVERYBODY, owner, ...members.map(([member]) => member)]))
    connection.statement(INSERT_LISTING).run(tenant, user, state, updatedAt, id, tid);
}

interface NewThread {
  readonly tid: number;
  readonly tenant: string;
  readonly id: string;
  readonly updatedAt: number;
}

const INSERT_LISTING =
  "INSERT INTO skein_listing (tenant, user_id, state, listed_at, id, tid) VALUES (?, ?, ?, ?, ?, ?)";

function insertMember(connection: Connection, tid: number, user: string, role: string): void {
  connection
    .statement("INSERT INTO skein_member (tid, user_id, role) VALUES (?, ?, ?)")
    .run(tid, user, role);
}

export function writeMembers(connection: Connection, tid: number, { members }: Listing): void {
  connection.statement("DELETE FROM skein_member WHERE tid = ?").run(tid);
  for (const [user, role] of members) insertMember(connection, tid, user, role);
}

/** Takes the thread out of every list. Before members or the owner change. */
export function unlist(connection: Connection, tid: number): void {
  const thread = listedThread(connection, tid);
  if (thread === undefined) return;
  for (const user of listedUsers(connection, tid, thread.owner))
    for (const state of [0, 1, 2, 3])
      connection
        .statement(
          `DELETE FROM skein_listing
           WHERE tenant = ? AND user_id = ? AND state = ? AND listed_at = ? AND id = ?`,
        )
        .run(thread.tenant, user, state, thread.listedAt, thread.id);
}

/** Puts the thread into the lists of everybody who may see it; `null` into none. */
export function relist(connection: Connection, tid: number, state: number | null): void {
  const thread = listedThread(connection, tid);
  if (thread === undefined || state === null) return;
  for (const user of listedUsers(connection, tid, thread.owner))
    connection
      .statement(INSERT_LISTING)
      .run(thread.tenant, user, state, thread.listedAt, thread.id, tid);
}

/** Brings the thread to its place by the time of its last change. */
export function moveInLists(connection: Connection, tid: number): void {
  const thread = listedThread(connection, tid);
  if (thread === undefined || thread.listedAt === thread.updatedAt) return;
  const { tenant, id, owner, listedAt, updatedAt } = thread;
  for (const user of listedUsers(connection, tid, owner))
    connection
      .statement(
        `UPDATE skein_listing SET listed_at = ?6
         WHERE tenant = ?1 AND user_id = ?2 AND state = ?3 AND listed_at = ?4 AND id = ?5`,
      )
      .run(tenant, user, thread.state, listedAt, id, updatedAt);
  connection.statement("UPDATE skein_head SET listed_at = ? WHERE tid = ?").run(updatedAt, tid);
}

interface ListedThread {
  readonly tenant: string;
  readonly id: string;
  readonly owner: string;
  readonly state: number;
  readonly listedAt: number;
  readonly updatedAt: number;
}

function listedThread(connection: Connection, tid: number): ListedThread | undefined {
  const row = connection
    .statement(
      `SELECT t.tenant, t.id, t.owner, (t.archived_at IS NOT NULL) + 2 * (t.deleted_at IS NOT NULL),
         h.listed_at, h.updated_at
       FROM skein_thread t JOIN skein_head h ON h.tid = t.tid WHERE t.tid = ?`,
    )
    .row(tid);
  return (
    row && {
      tenant: textAt(row, 0),
      id: textAt(row, 1),
      owner: textAt(row, 2),
      state: numberAt(row, 3),
      listedAt: numberAt(row, 4),
      updatedAt: numberAt(row, 5),
    }
  );
}

function listedUsers(connection: Connection, tid: number, owner: string): ReadonlySet<string> {
  const members = connection.statement("SELECT user_id FROM skein_member WHERE tid = ?").rows(tid);
  return new Set([EVERYBODY, owner, ...members.map((row) => textAt(row, 0))]);
}
