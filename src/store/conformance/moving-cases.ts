import assert from "node:assert/strict";
import type { ThreadKey } from "../key.ts";
import type { Earlier, Store, ThreadWrite } from "../store.ts";
import { DURABLE, SHARED_FORKS } from "./conformance-case.ts";
import type { ConformanceCase } from "./conformance-case.ts";
import { PURGE } from "./erasure-fixture.ts";
import { commitEach, create, existing, extend, headOf, keyOf, makeWrite } from "./fixture.ts";
import { dequeue, enqueue, originOf, say } from "./message-fixture.ts";
import { endRun, newStep, startRun } from "./run-fixture.ts";
import { idsOn, trim } from "./trim-fixture.ts";

const OPERATION = { user: "alice", digest: "abc" } as const;

export const MOVING_CASES: readonly ConformanceCase[] = [
  {
    name: "all threads of all tenants are listed page by page, deleted and purged ones too",
    run: async ({ openStore }) => {
      const store = await openStore();
      assert.deepEqual(await store.listKeys(null, 10), []);
      const keys: ThreadKey[] = [];
      for (const tenant of ["acme", "globex"])
        for (const id of ["b", "a", "B", "a.1"]) {
          keys.push({ tenant, id });
          await extend(store, { tenant, id }, [create(id, { tenant })]);
        }
      await extend(store, "a", [{ op: "thread.delete", data: {} }]);
      await extend(store, "b", [PURGE]);
      const found: ThreadKey[] = [];
      for (let page = await store.listKeys(null, 3); page.length > 0;) {
        assert.ok(page.length <= 3);
        found.push(...page);
        page = await store.listKeys(existing(found.at(-1)), 3);
      }
      assert.deepEqual(found.map(nameOf).toSorted(), keys.map(nameOf).toSorted());
      assert.deepEqual(await store.listKeys(null, 100), found);
      // Whoever goes on behind a thread that is gone misses nothing.
      const all = await store.listKeys({ tenant: "acme", id: "a.0" }, 100);
      assert.deepEqual(all, found.slice(found.length - all.length));
      assert.ok(all.length >= 4);
    },
  },
  {
    name: "what callers were promised is listed by version",
    run: async ({ openStore }) => {
      const store = await openStore();
      const made = { ...OPERATION, opId: "make" };
      await extend(store, "t", [create("t"), say("mine", "one"), say("b", "two")], {
        givenIds: ["mine"],
        operation: made,
      });
      await extend(store, "t", [startRun("r1"), enqueue("waits", "later")], {
        givenIds: ["waits"],
      });
      await extend(store, "t", [endRun("r1"), dequeue("waits")], {
        operation: { ...OPERATION, opId: "free", user: "bob" },
      });
      await extend(store, "u", [create("u"), say("other", "two")], { givenIds: ["other"] });
      assert.deepEqual(await store.listClaims(keyOf("t"), 1, 100), {
        givenIds: [
          { id: "mine", version: 2 },
          { id: "waits", version: 5 },
        ],
        operations: [
          { ...made, fromVersion: 1, toVersion: 3 },
          { ...OPERATION, user: "bob", opId: "free", fromVersion: 6, toVersion: 7 },
        ],
      });
      assert.deepEqual(await store.listClaims(keyOf("t"), 3, 6), {
        givenIds: [{ id: "waits", version: 5 }],
        operations: [{ ...made, fromVersion: 1, toVersion: 3 }],
      });
      const none = { givenIds: [], operations: [] };
      assert.deepEqual(await store.listClaims(keyOf("t"), 8, 100), none);
      assert.deepEqual(await store.listClaims(keyOf("nobody"), 1, 100), none);
      await extend(store, "t", [PURGE]);
      assert.deepEqual(await store.listClaims(keyOf("t"), 1, 100), none);
    },
  },
  {
    name: "runs, operations and given ids of before a trim can be brought to another store",
    run: async ({ openStore }) => {
      const store = await openStore();
      const write = await trimmedThread(store);
      const other = await openStore();
      assert.deepEqual(await commitEach(other, [write]), ["committed"]);
      assert.deepEqual(await told(other), await told(store));
      const next = makeWrite(keyOf("t"), write.after, [say("gone", "again")], {
        givenIds: ["gone"],
      });
      assert.deepEqual(await commitEach(other, [next]), ["stale"]);
      const again = makeWrite(keyOf("t"), write.after, [say("x", "again")], {
        operation: { ...OPERATION, opId: "make" },
      });
      assert.deepEqual(await commitEach(other, [again]), ["stale"]);
      await extend(other, "t", [startRun("r3")]);
      const runs = await other.listRuns(keyOf("t"), { limit: 10 });
      assert.deepEqual(
        runs.map(({ id }) => id),
        ["r3", "r2", "r1"],
      );
    },
  },
  {
    name: "a thread cannot bring what somebody else was promised",
    run: async ({ openStore }) => {
      const store = await openStore();
      const write = await trimmedThread(store);
      for (const claim of [
        { givenIds: ["gone"] },
        { operation: { ...OPERATION, opId: "make" } },
      ] as const) {
        const other = await openStore();
        await extend(other, "u", [create("u"), say("gone", "mine")], claim);
        assert.deepEqual(await commitEach(other, [write]), ["stale"]);
        assert.deepEqual(await other.loadHeads([keyOf("t")]), [null]);
      }
    },
  },
  {
    name: "what was brought of before a trim is the same after the store was opened again",
    requires: DURABLE,
    run: async ({ openStore, reopen }) => {
      const store = await openStore();
      const other = await openStore();
      assert.deepEqual(await commitEach(other, [await trimmedThread(store)]), ["committed"]);
      const again = await existing(reopen)(other);
      assert.deepEqual(await told(again), await told(store));
    },
  },
  {
    name: "a purged thread and the forks that still have some of it can be brought to another store",
    requires: SHARED_FORKS,
    run: async ({ openStore }) => {
      const store = await openStore();
      const origin = await extend(store, "t", [
        create("t"),
        say("a", "one"),
        say("b", "two"),
        say("c", "three"),
      ]);
      const at = { ...existing(origin.branches["main"]), position: 2, count: 2, messageId: "b" };
      const from = { ...originOf(origin), head: { ...originOf(origin).head, ...placeOf(at) } };
      const fork = await extend(store, "f", [create("f", {}, from), say("x", "mine")]);
      await extend(store, "t", [PURGE]);
      const tombstone = await headOf(store, "t");
      const kept = await store.listKept(keyOf("t"), 0, 100);
      assert.deepEqual(
        kept.map(({ message, isReleased }) => [message.id, isReleased]),
        [
          ["a", true],
          ["b", true],
        ],
      );
      assert.deepEqual(await store.listKept(keyOf("t"), kept[0]?.message.version ?? 0, 1), [
        kept[1],
      ]);
      const other = await openStore();
      const { profile, activity } = tombstone;
      const version = tombstone.version - 1;
      const snapshot = {
        profile: { ...profile, purgedAt: null, trim: { version, floors: [] } },
        activity,
        branches: {},
      };
      const common = { threadId: "t", actor: "system", at: 1, opId: "move", schema: 1 };
      const entry = {
        ...common,
        version,
        op: "retention.trim",
        data: { policy: { keepLast: 1 }, trimmed: {}, snapshot },
      } as const;
      const before = { ...snapshot, version };
      const write = { key: keyOf("t"), base: 0, before: null, after: before, givenIds: [], kept };
      assert.deepEqual(await commitEach(other, [{ ...write, entries: [entry] }]), ["committed"]);
      const forked = {
        key: keyOf("f"),
        base: 0,
        entries: await store.listEntries(keyOf("f"), 0, 100),
        before: null,
        after: fork,
        givenIds: [],
        kept: [],
      };
      assert.deepEqual(await commitEach(other, [forked]), ["committed"]);
      await extend(other, "t", [PURGE]);
      assert.deepEqual(await idsOn(other, fork), ["a", "b", "x"]);
      assert.deepEqual(await other.listKept(keyOf("t"), 0, 100), kept);
      assert.equal((await headOf(other, "t")).version, tombstone.version);
      await extend(other, "f", [PURGE]);
      assert.deepEqual(await other.listKept(keyOf("t"), 0, 100), []);
    },
  },
];

function nameOf({ tenant, id }: ThreadKey): string {
  return `${tenant}/${id}`;
}

function placeOf({
  position,
  count,
  messageId,
}: {
  readonly position: number;
  readonly count: number;
  readonly messageId: string;
}): { position: number; count: number; messageId: string; turnId: string } {
  return { position, count, messageId, turnId: messageId };
}

/** A thread that was trimmed of nearly all that it was promised and did, as what brings it elsewhere. */
async function trimmedThread(store: Store): Promise<ThreadWrite> {
  await extend(store, "t", [create("t"), say("gone", "one"), startRun("r1")], {
    givenIds: ["gone"],
    operation: { ...OPERATION, opId: "make" },
  });
  const steps = [newStep("s1", "r1"), newStep("s2", "r1")] as const;
  await extend(store, "t", [
    ...steps.map((step) => ({ op: "step.start", data: { step } }) as const),
    endRun("r1"),
  ]);
  await extend(store, "t", [startRun("r2"), endRun("r2")]);
  await extend(store, "t", [say("b", "two"), say("kept", "three")], { givenIds: ["kept"] });
  const after = await trim(store, "t", { main: "kept" });
  const key = keyOf("t");
  const runs = (await store.listRuns(key, { limit: 10 })).toReversed();
  const earlier: Earlier = {
    ...(await store.listClaims(key, 1, after.version - 1)),
    runs,
    steps: (await Promise.all(runs.map(({ id }) => store.listSteps(key, id)))).flat(),
  };
  assert.equal(earlier.givenIds.length + earlier.operations.length + earlier.steps.length, 5);
  return {
    key,
    base: 0,
    entries: await store.listEntries(key, 0, 10),
    before: null,
    after,
    givenIds: [],
    kept: await store.listKept(key, 0, 10),
    earlier,
  };
}

async function told(store: Store): Promise<unknown> {
  const key = keyOf("t");
  return [
    await headOf(store, "t"),
    await store.listClaims(key, 1, 100),
    await store.listRuns(key, { limit: 10 }),
    await store.listSteps(key, "r1"),
    await store.listKept(key, 0, 100),
    await store.loadFacts(key, [
      { kind: "given", ids: ["gone", "kept"] },
      { kind: "operation", user: "alice", opId: "make" },
    ]),
    await store.loadMessages(key, ["gone", "kept"]),
  ];
}
