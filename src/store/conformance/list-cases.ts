import assert from "node:assert/strict";
import { threadOf } from "../../model/thread.ts";
import type { ThreadProfile } from "../../model/thread.ts";
import type { Reader } from "../key.ts";
import type { ThreadQuery } from "../query.ts";
import type { Store } from "../store.ts";
import type { ConformanceCase } from "./conformance-case.ts";
import { create, EVERYBODY, extend, keyOf, START, TENANT } from "./fixture.ts";
import { say } from "./message-fixture.ts";
import { startRun } from "./run-fixture.ts";

const MINUTE_MS = 60_000;

export const LIST_CASES: readonly ConformanceCase[] = [
  {
    name: "threads are listed by newest activity first, then by id",
    run: async ({ openStore }) => {
      const store = await openStore();
      await addThread(store, "old", 1);
      await addThread(store, "new", 3);
      await addThread(store, "same-b", 2);
      await addThread(store, "same-a", 2);
      assert.deepEqual(await idsIn(store, {}), ["new", "same-a", "same-b", "old"]);
      await extend(store, "old", [say("m", "awake again")], { at: minute(9) });
      assert.deepEqual(await idsIn(store, {}), ["old", "new", "same-a", "same-b"]);
    },
  },
  {
    name: "a listed thread is its header",
    run: async ({ openStore }) => {
      const store = await openStore();
      const head = await extend(store, "t", [
        create("t", {
          title: "A title",
          tags: ["red"],
          metadata: { a: 1 },
          members: { bob: "viewer" },
        }),
        say("m", "hello"),
        startRun("r1"),
      ]);
      const { threads } = await store.listThreads(EVERYBODY, { limit: 10 });
      assert.deepEqual(threads, [threadOf(head)]);
    },
  },
  {
    name: "a list has as many threads as asked for, and where to go on",
    run: async ({ openStore }) => {
      const store = await openStore();
      for (const index of [1, 2, 3, 4]) await addThread(store, `t${index}`, index);
      const first = await store.listThreads(EVERYBODY, { limit: 2 });
      assert.deepEqual(
        first.threads.map(({ id }) => id),
        ["t4", "t3"],
      );
      assert.ok(first.next !== undefined);
      const second = await store.listThreads(EVERYBODY, { limit: 2, after: first.next });
      assert.deepEqual(
        second.threads.map(({ id }) => id),
        ["t2", "t1"],
      );
      assert.equal(second.next, undefined);
      assert.deepEqual(await store.listThreads({ tenant: "globex", user: null }, { limit: 2 }), {
        threads: [],
      });
    },
  },
  {
    name: "paging through a list finds every thread once, also those of the same time",
    run: async ({ openStore }) => {
      const store = await openStore();
      const ids = Array.from({ length: 25 }, (_, index) => `t${String(index).padStart(2, "0")}`);
      for (const [index, id] of ids.entries()) await addThread(store, id, Math.floor(index / 10));
      for (const limit of [1, 3, 7, 25, 100])
        assert.deepEqual((await pageThrough(store, { limit })).toSorted(), ids);
      assert.deepEqual(await pageThrough(store, { limit: 4 }), await idsIn(store, {}));
    },
  },
  {
    name: "threads that come or move to the front while somebody pages shift nothing",
    run: async ({ openStore }) => {
      const store = await openStore();
      const ids = Array.from({ length: 9 }, (_, index) => `t${index}`);
      for (const [index, id] of ids.entries()) await addThread(store, id, index);
      let added = 0;
      const seen = await pageThrough(store, { limit: 3 }, async () => {
        added += 1;
        await addThread(store, `late${added}`, 100 + added);
        // The first page is over, and `t8` was on it.
        await extend(store, "t8", [say(`m${added}`, "again")], { at: minute(200 + added) });
      });
      assert.deepEqual(seen, ids.toReversed());
      assert.ok(added > 0);
    },
  },
  {
    name: "an offset skips threads behind the cursor",
    run: async ({ openStore }) => {
      const store = await openStore();
      for (const index of [1, 2, 3, 4, 5]) await addThread(store, `t${index}`, index);
      assert.deepEqual(await idsIn(store, { offset: 2 }), ["t3", "t2", "t1"]);
      const { next } = await store.listThreads(EVERYBODY, { limit: 1 });
      assert.ok(next !== undefined);
      assert.deepEqual(await idsIn(store, { after: next, offset: 1, limit: 2 }), ["t3", "t2"]);
      assert.deepEqual(await store.listThreads(EVERYBODY, { limit: 5, offset: 9 }), {
        threads: [],
      });
    },
  },
  filterCase("owner", [
    [{ owner: "alice" }, ["plain", "tagged"]],
    [{ owner: "bob" }, ["bobs"]],
    [{ owner: "nobody" }, []],
  ]),
  filterCase("agent", [
    [{ agentId: "helper" }, ["tagged"]],
    [{ agentId: "other" }, []],
  ]),
  filterCase("tag", [
    [{ tag: "red" }, ["bobs", "tagged"]],
    [{ tag: "blue" }, ["tagged"]],
    [{ tag: "re" }, []],
    [{ tag: "RED" }, []],
  ]),
  filterCase("metadata", [
    [{ metadata: { project: "skein" } }, ["bobs", "tagged"]],
    [{ metadata: { project: "skein", priority: 1 } }, ["tagged"]],
    [{ metadata: { priority: "1" } }, ["bobs"]],
    [{ metadata: { nested: { b: [1, 2], a: true } } }, ["tagged"]],
    [{ metadata: { nested: { a: true } } }, []],
    [{ metadata: { isOpen: true } }, ["tagged"]],
    [{ metadata: { nothing: null } }, ["tagged"]],
    [{ metadata: { absent: null } }, []],
    [{ metadata: { 'quoted " key': "x'y" } }, ["tagged"]],
    [{ metadata: { constructor: "x" } }, []],
    [{ metadata: {} }, ["plain", "bobs", "tagged"]],
  ]),
  filterCase("title", [
    [{ title: "ÄRGER" }, ["tagged"]],
    [{ title: "ärger mit" }, ["tagged"]],
    [{ title: "100%" }, ["bobs"]],
    [{ title: "100_" }, []],
    [{ title: "%" }, ["bobs"]],
    [{ title: "nowhere" }, []],
  ]),
  filterCase("time of the last activity", [
    [{ from: minute(2) }, ["plain", "bobs"]],
    [{ to: minute(2) }, ["bobs", "tagged"]],
    [{ from: minute(2), to: minute(2) }, ["bobs"]],
    [{ from: minute(2) + 1, to: minute(3) - 1 }, []],
  ]),
  filterCase("several things at once", [
    [{ owner: "alice", tag: "red", metadata: { project: "skein" }, title: "mit" }, ["tagged"]],
    [{ owner: "bob", tag: "blue" }, []],
  ]),
  {
    name: "threads are filtered by their status",
    run: async ({ openStore }) => {
      const store = await openStore();
      await addThread(store, "idle", 1);
      await extend(store, "active", [create("active"), startRun("r1")], { at: minute(2) });
      const asking = startRun("r2", {
        status: "requires_action",
        actions: [
          { id: "a", kind: "approval", status: "waiting", name: "send", requestedAt: minute(3) },
        ],
      });
      await extend(store, "asking", [create("asking"), asking], { at: minute(3) });
      assert.deepEqual(await idsIn(store, { status: "idle" }), ["idle"]);
      assert.deepEqual(await idsIn(store, { status: "active" }), ["active"]);
      assert.deepEqual(await idsIn(store, { status: "requires_action" }), ["asking"]);
    },
  },
  {
    name: "archived threads are left out unless they are asked for",
    run: async ({ openStore }) => {
      const store = await openStore();
      await addThread(store, "here", 1);
      await addThread(store, "away", 2);
      await extend(store, "away", [{ op: "thread.archive", data: {} }], { at: minute(3) });
      assert.deepEqual(await idsIn(store, {}), ["here"]);
      assert.deepEqual(await idsIn(store, { archived: false }), ["here"]);
      assert.deepEqual(await idsIn(store, { archived: true }), ["away"]);
      await extend(store, "away", [{ op: "thread.unarchive", data: {} }], { at: minute(4) });
      assert.deepEqual(await idsIn(store, {}), ["away", "here"]);
      assert.deepEqual(await idsIn(store, { archived: true }), []);
    },
  },
  {
    name: "deleted threads are left out unless they are asked for",
    run: async ({ openStore }) => {
      const store = await openStore();
      await addThread(store, "here", 1);
      await addThread(store, "gone", 2);
      await extend(store, "gone", [{ op: "thread.delete", data: {} }], { at: minute(3) });
      assert.deepEqual(await idsIn(store, {}), ["here"]);
      assert.deepEqual(await idsIn(store, { deleted: false }), ["here"]);
      assert.deepEqual(await idsIn(store, { deleted: true }), ["gone"]);
      await extend(store, "gone", [{ op: "thread.undelete", data: {} }], { at: minute(4) });
      assert.deepEqual(await idsIn(store, {}), ["gone", "here"]);
      assert.deepEqual(await idsIn(store, { deleted: true }), []);
    },
  },
  {
    name: "what a filter finds changes with the thread",
    run: async ({ openStore }) => {
      const store = await openStore();
      await addThread(store, "t", 1, { title: "before", tags: ["red"], metadata: { a: 1 } });
      await extend(store, "t", [
        { op: "thread.set", data: { title: "after", agentId: "helper" } },
        { op: "tag.remove", data: { tags: ["red"] } },
        { op: "tag.add", data: { tags: ["blue"] } },
        { op: "metadata.set", data: { values: { b: 2 } } },
        { op: "metadata.unset", data: { keys: ["a"] } },
      ]);
      const queries: readonly Partial<ThreadQuery>[] = [
        { title: "after" },
        { agentId: "helper" },
        { tag: "blue" },
        { metadata: { b: 2 } },
      ];
      for (const query of queries) assert.deepEqual(await idsIn(store, query), ["t"]);
      const former = [{ title: "before" }, { tag: "red" }, { metadata: { a: 1 } }];
      for (const query of former) assert.deepEqual(await idsIn(store, query), []);
    },
  },
  {
    name: "a filtered list is paged like any other",
    run: async ({ openStore }) => {
      const store = await openStore();
      for (let index = 0; index < 20; index++)
        await addThread(store, `t${index}`, index, { tags: index % 3 === 0 ? ["third"] : [] });
      const query = { tag: "third", limit: 2 };
      assert.deepEqual(await pageThrough(store, query), [
        "t18",
        "t15",
        "t12",
        "t9",
        "t6",
        "t3",
        "t0",
      ]);
    },
  },
];

/** Three threads, and which of them each query finds, newest first. */
function filterCase(
  what: string,
  expectations: readonly (readonly [Partial<ThreadQuery>, readonly string[]])[],
): ConformanceCase {
  return {
    name: `threads are filtered by ${what}`,
    run: async ({ openStore }) => {
      const store = await openStore();
      await addThread(store, "tagged", 1, {
        title: "Ärger mit Threads",
        agentId: "helper",
        tags: ["red", "blue"],
        metadata: {
          project: "skein",
          priority: 1,
          isOpen: true,
          nothing: null,
          nested: { a: true, b: [1, 2] },
          'quoted " key': "x'y",
        },
      });
      await addThread(store, "bobs", 2, {
        owner: "bob",
        title: "100% done",
        tags: ["red"],
        metadata: { project: "skein", priority: "1" },
      });
      await addThread(store, "plain", 3);
      for (const [query, expected] of expectations)
        assert.deepEqual(await idsIn(store, query), expected, JSON.stringify(query));
    },
  };
}

function minute(count: number): number {
  return START + count * MINUTE_MS;
}

async function addThread(
  store: Store,
  id: string,
  minutes: number,
  profile: Partial<ThreadProfile> = {},
): Promise<void> {
  await extend(store, keyOf(id), [create(id, profile)], { at: minute(minutes) });
}

async function idsIn(
  store: Store,
  query: Partial<ThreadQuery>,
  as: Reader = EVERYBODY,
): Promise<readonly string[]> {
  assert.equal(as.tenant, TENANT);
  const { threads } = await store.listThreads(as, { limit: 100, ...query });
  return threads.map(({ id }) => id);
}

async function pageThrough(
  store: Store,
  query: ThreadQuery,
  between: () => Promise<void> = async () => undefined,
): Promise<readonly string[]> {
  const ids: string[] = [];
  let page = await store.listThreads(EVERYBODY, query);
  for (;;) {
    ids.push(...page.threads.map(({ id }) => id));
    if (page.next === undefined) return ids;
    await between();
    page = await store.listThreads(EVERYBODY, { ...query, after: page.next });
  }
}
