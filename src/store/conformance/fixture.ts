import assert from "node:assert/strict";
import { apply } from "../../model/apply.ts";
import { ENTRY_SCHEMA } from "../../model/entry.ts";
import type { Entry, ForkOrigin, Op, OpData } from "../../model/entry.ts";
import type { ThreadHead, ThreadProfile } from "../../model/thread.ts";
import type { Operation, Reader, ThreadKey } from "../key.ts";
import type { Chain, CommitItem, ItemResult, Store, ThreadWrite } from "../store.ts";

export const TENANT = "acme";
export const OWNER = "alice";

/** Sees every thread of the tenant. */
export const EVERYBODY: Reader = { tenant: TENANT, user: null };

/** Entries of version v are made v seconds later, unless a test says otherwise. */
export const START: number = Date.UTC(2026, 0, 1);

/** What one entry says. A function is given the head that it is added to. */
export type Change = ChangeOf<Op> | ((head: ThreadHead) => ChangeOf<Op>);

export type ChangeOf<O extends Op> = { [P in O]: { readonly op: P; readonly data: OpData[P] } }[O];

export interface WriteOptions {
  readonly at?: number;
  readonly actor?: string;
  readonly opId?: string;
  readonly givenIds?: readonly string[];
  readonly operation?: Pick<Operation, "user" | "opId" | "digest">;
}

export function keyOf(id: string): ThreadKey {
  return { tenant: TENANT, id };
}

export function reader(user: string): Reader {
  return { tenant: TENANT, user };
}

/** The first change of a thread. */
export function create(
  id: string,
  profile: Partial<ThreadProfile> = {},
  from?: ForkOrigin,
): ChangeOf<"thread.create"> {
  const data = { profile: { ...emptyProfile(id), ...profile }, ...(from && { from }) };
  return { op: "thread.create", data };
}

/** Makes what one command would write, behind `before`. */
export function makeWrite(
  key: ThreadKey,
  before: ThreadHead | null,
  changes: readonly Change[],
  options: WriteOptions = {},
): ThreadWrite {
  const base = before?.version ?? 0;
  const { opId = `${key.id}.${base + 1}`, actor = `user:${OWNER}`, givenIds = [] } = options;
  const entries: Entry[] = [];
  let head = before;
  for (const change of changes) {
    const version = base + entries.length + 1;
    const at = options.at ?? START + version * 1_000;
    const said = typeof change === "function" ? change(existing(head)) : change;
    const entry = { ...said, threadId: key.id, version, actor, at, opId, schema: ENTRY_SCHEMA };
    entries.push(entry);
    head = apply(head, entry);
  }
  const after = existing(head);
  const operation = options.operation && {
    ...options.operation,
    fromVersion: base + 1,
    toVersion: after.version,
  };
  return { key, base, entries, before, after, givenIds, ...(operation && { operation }) };
}

export function itemOf(...writes: readonly ThreadWrite[]): CommitItem {
  return { writes };
}

/** Commits writes that do not build on one another; answers one result for each. */
export async function commitEach(
  store: Store,
  writes: readonly ThreadWrite[],
): Promise<readonly ItemResult[]> {
  const chains: readonly Chain[] = writes.map((write) => [itemOf(write)]);
  return (await store.commit(chains)).flat();
}

/** Adds changes to a thread, which may be new, and proves that they were committed. Answers the head after. */
export async function extend(
  store: Store,
  key: ThreadKey | string,
  changes: readonly Change[],
  options: WriteOptions = {},
): Promise<ThreadHead> {
  const named = typeof key === "string" ? keyOf(key) : key;
  const [before = null] = await store.loadHeads([named]);
  const write = makeWrite(named, before, changes, options);
  assert.deepEqual(await commitEach(store, [write]), ["committed"]);
  return write.after;
}

export async function headOf(store: Store, id: string): Promise<ThreadHead> {
  const [head = null] = await store.loadHeads([keyOf(id)]);
  return existing(head);
}

/** The value, which the test knows to be there. */
export function existing<T>(value: T | null | undefined): T {
  assert.ok(value !== null && value !== undefined, "the store answered nothing");
  return value;
}

export async function rejectsWith(code: string, work: Promise<unknown>): Promise<void> {
  await assert.rejects(work, (error: unknown) => {
    assert.ok(error instanceof Error && "code" in error, `${String(error)} has no code`);
    assert.equal(error.code, code);
    return true;
  });
}

export function lastOf<T>(list: readonly T[]): T {
  return existing(list.at(-1));
}

function emptyProfile(id: string): ThreadProfile {
  return {
    id,
    tenant: TENANT,
    owner: OWNER,
    title: null,
    titleSource: "auto",
    agentId: null,
    kind: "main",
    metadata: {},
    tags: [],
    members: {},
    createdAt: START,
    archivedAt: null,
    deletedAt: null,
    purgedAt: null,
  };
}
