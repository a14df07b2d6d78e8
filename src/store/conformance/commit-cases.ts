import assert from "node:assert/strict";
import { MAIN } from "../../model/thread.ts";
import { replay } from "../../model/apply.ts";
import type { Chain, ItemResult, Store, ThreadWrite } from "../store.ts";
import { SEVERAL_THREADS } from "./conformance-case.ts";
import type { ConformanceCase } from "./conformance-case.ts";
import {
  commitEach,
  create,
  existing,
  extend,
  headOf,
  itemOf,
  keyOf,
  makeWrite,
  TENANT,
} from "./fixture.ts";
import { say } from "./message-fixture.ts";

export const COMMIT_CASES: readonly ConformanceCase[] = [
  {
    name: "a new store has no threads and no problems",
    run: async ({ openStore }) => {
      const store = await openStore();
      const info = await store.open();
      assert.ok(info.storeId.length > 0);
      assert.ok(info.epoch.length > 0);
      assert.ok(Number.isInteger(info.schemaVersion));
      assert.deepEqual(await store.open(), info);
      assert.deepEqual(await store.loadHeads([keyOf("t")]), [null]);
      assert.deepEqual(await store.check({ repair: false }), {
        threads: 0,
        messages: 0,
        entries: 0,
        problems: [],
      });
    },
  },
  {
    name: "a commit of nothing is answered with nothing",
    run: async ({ openStore }) => {
      const store = await openStore();
      assert.deepEqual(await store.commit([]), []);
      assert.deepEqual(await store.commit([[], []]), [[], []]);
    },
  },
  {
    name: "a read behind a commit sees it",
    run: async ({ openStore }) => {
      const store = await openStore();
      const head = await extend(store, "t", [create("t"), say("m1", "hello")]);
      assert.deepEqual(await store.loadHeads([keyOf("t"), keyOf("u")]), [head, null]);
      const entries = await store.listEntries(keyOf("t"), 0, 10);
      assert.deepEqual(
        entries.map(({ version, op }) => [version, op]),
        [
          [1, "thread.create"],
          [2, "message.append"],
        ],
      );
    },
  },
  {
    name: "a thread of the same id in another tenant is another thread",
    run: async ({ openStore }) => {
      const store = await openStore();
      const other = { tenant: "globex", id: "t" };
      await extend(store, "t", [create("t", { title: "ours" })]);
      await extend(store, other, [create("t", { tenant: "globex", title: "theirs" })]);
      const heads = await store.loadHeads([keyOf("t"), other]);
      assert.deepEqual(
        heads.map((head) => head?.profile.title),
        ["ours", "theirs"],
      );
    },
  },
  {
    name: "a write on an old version is stale and changes nothing",
    run: async ({ openStore }) => {
      const store = await openStore();
      const old = await extend(store, "t", [create("t")]);
      const head = await extend(store, "t", [say("m1", "first")]);
      const late = makeWrite(keyOf("t"), old, [say("m2", "late")]);
      assert.deepEqual(await commitEach(store, [late]), ["stale"]);
      await provesUnchanged(store, head.version, ["m2"]);
    },
  },
  {
    name: "a write on a version that the thread does not have yet is stale",
    run: async ({ openStore }) => {
      const store = await openStore();
      const head = await extend(store, "t", [create("t")]);
      const unseen = makeWrite(keyOf("t"), head, [say("m1", "never committed")]).after;
      const early = makeWrite(keyOf("t"), unseen, [say("m2", "too early")]);
      assert.deepEqual(await commitEach(store, [early]), ["stale"]);
      await provesUnchanged(store, 1, ["m1", "m2"]);
    },
  },
  {
    name: "a write to a thread that does not exist is stale",
    run: async ({ openStore }) => {
      const store = await openStore();
      const unseen = makeWrite(keyOf("t"), null, [create("t")]).after;
      const write = makeWrite(keyOf("t"), unseen, [say("m1", "lost")]);
      assert.deepEqual(await commitEach(store, [write]), ["stale"]);
      assert.deepEqual(await store.loadHeads([keyOf("t")]), [null]);
    },
  },
  {
    name: "creating a thread that exists is stale",
    run: async ({ openStore }) => {
      const store = await openStore();
      const head = await extend(store, "t", [create("t", { title: "the first" })]);
      const again = makeWrite(keyOf("t"), null, [create("t", { title: "the second" })]);
      assert.deepEqual(await commitEach(store, [again]), ["stale"]);
      assert.deepEqual(await headOf(store, "t"), head);
    },
  },
  {
    name: "items of a chain build on one another in one commit",
    run: async ({ openStore }) => {
      const store = await openStore();
      const chain = chainOf("t", 5);
      assert.deepEqual(await store.commit([chain]), [Array(5).fill("committed")]);
      assert.equal((await headOf(store, "t")).version, 5);
      await provesGapless(store, "t", 5);
    },
  },
  {
    name: "a stale item takes the rest of its chain with it, and no other chain",
    run: async ({ openStore }) => {
      const store = await openStore();
      await extend(store, "t", [create("t")]);
      const blocked = chainOf("t", 3);
      const results = await store.commit([chainOf("a", 2), blocked, chainOf("u", 2)]);
      assert.deepEqual(results, [
        ["committed", "committed"],
        ["stale", "stale", "stale"],
        ["committed", "committed"],
      ]);
      assert.equal((await headOf(store, "t")).version, 1);
      assert.equal((await headOf(store, "a")).version, 2);
      assert.equal((await headOf(store, "u")).version, 2);
    },
  },
  {
    name: "what stands in a chain before a stale item is committed",
    run: async ({ openStore }) => {
      const store = await openStore();
      const [first, second, third] = chainOf("t", 3).flatMap(({ writes }) => writes);
      const taken = { ...existing(second), givenIds: ["m1"] };
      await extend(store, "u", [create("u"), say("m1", "taken")], { givenIds: ["m1"] });
      const chain = [existing(first), taken, existing(third)].map((write) => itemOf(write));
      assert.deepEqual(await store.commit([chain]), [["committed", "stale", "stale"]]);
      assert.equal((await headOf(store, "t")).version, 1);
    },
  },
  {
    name: "several entries of one write get consecutive versions, whole or not at all",
    run: async ({ openStore }) => {
      const store = await openStore();
      const changes = [create("t"), say("m1", "one"), say("m2", "two"), say("m3", "three")];
      const head = await extend(store, "t", changes, { opId: "turn" });
      assert.equal(head.version, 4);
      await provesGapless(store, "t", 4);
      const entries = await store.listEntries(keyOf("t"), 0, 10);
      assert.deepEqual(new Set(entries.map(({ opId }) => opId)), new Set(["turn"]));
    },
  },
  {
    name: "an item over several threads is committed whole",
    requires: SEVERAL_THREADS,
    run: async ({ openStore }) => {
      const store = await openStore();
      const writes = ["t", "u", "v"].map((id) => makeWrite(keyOf(id), null, [create(id)]));
      assert.deepEqual(await store.commit([[itemOf(...writes)]]), [["committed"]]);
      for (const id of ["t", "u", "v"]) assert.equal((await headOf(store, id)).version, 1);
    },
  },
  {
    name: "an item over several threads writes nothing when one of them is stale",
    requires: SEVERAL_THREADS,
    run: async ({ openStore }) => {
      const store = await openStore();
      const taken = await extend(store, "u", [create("u", { title: "was here" })]);
      const writes = ["t", "u", "v"].map((id) => makeWrite(keyOf(id), null, [create(id)]));
      assert.deepEqual(await store.commit([[itemOf(...writes)]]), [["stale"]]);
      const heads = await store.loadHeads(["t", "u", "v"].map(keyOf));
      assert.deepEqual(heads, [null, taken, null]);
      const { threads } = await store.listThreads({ tenant: TENANT, user: null }, { limit: 10 });
      assert.deepEqual(
        threads.map(({ id }) => id),
        ["u"],
      );
    },
  },
  {
    name: "of 64 writers at once on one version of a thread exactly one wins",
    run: async ({ openStore }) => {
      const store = await openStore();
      const head = await extend(store, "t", [create("t")]);
      const results = await Promise.all(
        numbers(64).map((index) => {
          const write = makeWrite(keyOf("t"), head, [say(`m${index}`, "me")]);
          return commitEach(store, [write]);
        }),
      );
      const wins = numbers(64).filter((index) => results[index]?.[0] === "committed");
      assert.equal(wins.length, 1);
      assert.equal(results.flat().filter((result) => result === "stale").length, 63);
      assert.equal((await headOf(store, "t")).branches[MAIN]?.messageId, `m${wins[0]}`);
      await provesGapless(store, "t", 2);
    },
  },
  {
    name: "64 writers at once on one thread that try again lose nothing",
    run: async ({ openStore }) => {
      const store = await openStore();
      await extend(store, "t", [create("t")]);
      await Promise.all(numbers(64).map((index) => appendUntilCommitted(store, index)));
      assert.equal((await headOf(store, "t")).branches[MAIN]?.count, 64);
      await provesGapless(store, "t", 65);
      const messages = await store.loadMessages(
        keyOf("t"),
        numbers(64).map((index) => `m${index}`),
      );
      assert.ok(messages.every((message) => message !== null));
    },
  },
  {
    name: "64 threads are created at once",
    run: async ({ openStore }) => {
      const store = await openStore();
      const ids = numbers(64).map((index) => `t${index}`);
      await Promise.all(ids.map((id) => extend(store, id, [create(id), say(`${id}.m`, "hi")])));
      const heads = await store.loadHeads(ids.map(keyOf));
      assert.deepEqual(
        heads.map((head) => head?.version),
        ids.map(() => 2),
      );
    },
  },
  {
    name: "an exclusive commit is given the newest heads and is not stale",
    run: async ({ openStore }) => {
      const store = await openStore();
      const head = await extend(store, "t", [create("t"), say("m1", "hello")]);
      const results = await store.commitExclusive([keyOf("u"), keyOf("t")], ([none, present]) => {
        assert.deepEqual([none, present], [null, head]);
        return [
          [itemOf(makeWrite(keyOf("t"), existing(present), [say("m2", "again")]))],
          [itemOf(makeWrite(keyOf("u"), null, [create("u")]))],
        ];
      });
      assert.deepEqual(results, [["committed"], ["committed"]]);
      assert.equal((await headOf(store, "t")).version, 3);
      assert.equal((await headOf(store, "u")).version, 1);
    },
  },
  {
    name: "exclusive commits at once on one thread all succeed",
    run: async ({ openStore }) => {
      const store = await openStore();
      await extend(store, "t", [create("t")]);
      const commits = numbers(16).map((index) =>
        store.commitExclusive([keyOf("t")], ([head]) => [
          [itemOf(makeWrite(keyOf("t"), existing(head), [say(`m${index}`, "me too")]))],
        ]),
      );
      const results = (await Promise.all(commits)).flat(2);
      assert.deepEqual(results, Array(16).fill("committed"));
      await provesGapless(store, "t", 17);
    },
  },
  {
    name: "what an exclusive commit's decision throws is thrown, and nothing is written",
    run: async ({ openStore }) => {
      const store = await openStore();
      const refusal = new Error("the command is refused");
      const commit = store.commitExclusive([keyOf("t")], () => {
        throw refusal;
      });
      await assert.rejects(commit, /the command is refused/u);
      assert.deepEqual(await store.loadHeads([keyOf("t")]), [null]);
      await extend(store, "t", [create("t")]);
    },
  },
];

/** A chain of `length` items: one that creates the thread, then one message each. */
function chainOf(id: string, length: number): Chain {
  const writes: ThreadWrite[] = [makeWrite(keyOf(id), null, [create(id)])];
  while (writes.length < length) {
    const message = say(`${id}.m${writes.length}`, "next");
    writes.push(makeWrite(keyOf(id), existing(writes.at(-1)).after, [message]));
  }
  return writes.map((write) => itemOf(write));
}

async function appendUntilCommitted(store: Store, writer: number): Promise<void> {
  let result: ItemResult | undefined;
  while (result !== "committed") {
    const before = await headOf(store, "t");
    const write = makeWrite(keyOf("t"), before, [say(`m${writer}`, `from writer ${writer}`)]);
    [result] = await commitEach(store, [write]);
  }
}

function numbers(count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => index);
}

async function provesGapless(store: Store, id: string, versions: number): Promise<void> {
  const entries = await store.listEntries(keyOf(id), 0, versions + 10);
  assert.deepEqual(
    entries.map(({ version }) => version),
    numbers(versions).map((index) => index + 1),
  );
  assert.deepEqual(replay(entries), await headOf(store, id));
}

async function provesUnchanged(
  store: Store,
  version: number,
  absent: readonly string[],
): Promise<void> {
  assert.equal((await headOf(store, "t")).version, version);
  assert.equal((await store.listEntries(keyOf("t"), 0, 100)).length, version);
  const messages = await store.loadMessages(keyOf("t"), absent);
  assert.deepEqual(messages, Array(absent.length).fill(null));
}
