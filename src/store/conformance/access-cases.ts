import assert from "node:assert/strict";
import type { Reader } from "../key.ts";
import type { Store } from "../store.ts";
import type { ConformanceCase } from "./conformance-case.ts";
import { create, EVERYBODY, existing, extend, headOf, reader, TENANT } from "./fixture.ts";
import type { Change } from "./fixture.ts";
import { say } from "./message-fixture.ts";

export const ACCESS_CASES: readonly ConformanceCase[] = [
  {
    name: "a thread is loaded for its owner, its members and whoever acts for all, and for nobody else",
    run: async ({ openStore }) => {
      const store = await openStore();
      const head = await extend(store, "t", [
        create("t", { members: { bob: "viewer", carol: "editor", dave: "owner" } }),
        say("m", "hello"),
      ]);
      for (const user of ["alice", "bob", "carol", "dave"])
        assert.deepEqual(await store.loadThread(reader(user), "t"), head, user);
      assert.deepEqual(await store.loadThread(EVERYBODY, "t"), head);
      for (const stranger of STRANGERS)
        assert.equal(await store.loadThread(stranger, "t"), null, JSON.stringify(stranger));
    },
  },
  {
    name: "a thread that does not exist is loaded as nothing",
    run: async ({ openStore }) => {
      const store = await openStore();
      assert.equal(await store.loadThread(EVERYBODY, "nobody"), null);
      assert.equal(await store.loadThread(EVERYBODY, "nobody", 3), null);
    },
  },
  {
    name: "lists show a user their own and shared threads only",
    run: async ({ openStore }) => {
      const store = await openStore();
      await extend(store, "own", [create("own", { owner: "bob" })]);
      await extend(store, "shared", [create("shared", { members: { bob: "viewer" } })]);
      await extend(store, "private", [create("private")]);
      assert.deepEqual(await listedFor(store, reader("bob")), ["own", "shared"]);
      assert.deepEqual(await listedFor(store, reader("alice")), ["private", "shared"]);
      assert.deepEqual(await listedFor(store, EVERYBODY), ["own", "private", "shared"]);
      for (const stranger of STRANGERS) assert.deepEqual(await listedFor(store, stranger), []);
    },
  },
  {
    name: "no name of a user stands for everybody, whatever lists are called inside of the store",
    run: async ({ openStore }) => {
      const store = await openStore();
      await extend(store, "private", [create("private")]);
      for (const [index, user] of ["", "*", "**", "w", "u", "null", "%"].entries()) {
        assert.deepEqual(await listedFor(store, reader(user)), [], user);
        const [own, shared] = [`own-${index}`, `shared-${index}`];
        await extend(store, own, [create(own, { owner: user })]);
        await extend(store, shared, [create(shared, { members: { [user]: "viewer" } })]);
        assert.deepEqual(await listedFor(store, reader(user)), [own, shared], user);
        const page = await store.listThreads(EVERYBODY, { limit: 50, owner: user });
        assert.deepEqual(
          page.threads.map(({ id }) => id),
          [own],
        );
      }
      assert.deepEqual((await store.check({ repair: false })).problems, []);
    },
  },
  {
    name: "a filter by owner shows nothing that the reader may not see",
    run: async ({ openStore }) => {
      const store = await openStore();
      await extend(store, "shared", [create("shared", { members: { bob: "viewer" } })]);
      await extend(store, "private", [create("private", { tags: ["red"] })]);
      const query = { owner: "alice", limit: 10 };
      const { threads } = await store.listThreads(reader("bob"), query);
      assert.deepEqual(
        threads.map(({ id }) => id),
        ["shared"],
      );
      assert.deepEqual(await store.listThreads(reader("bob"), { tag: "red", limit: 10 }), {
        threads: [],
      });
    },
  },
  {
    name: "whoever becomes a member sees the thread at once, and whoever is removed no longer",
    run: async ({ openStore }) => {
      const store = await openStore();
      await extend(store, "t", [create("t")]);
      assert.equal(await store.loadThread(reader("bob"), "t"), null);
      await extend(store, "t", [{ op: "member.set", data: { user: "bob", role: "viewer" } }]);
      assert.deepEqual(await store.loadThread(reader("bob"), "t"), await headOf(store, "t"));
      assert.deepEqual(await listedFor(store, reader("bob")), ["t"]);
      await extend(store, "t", [{ op: "member.set", data: { user: "bob", role: "editor" } }]);
      assert.deepEqual(await listedFor(store, reader("bob")), ["t"]);
      await extend(store, "t", [{ op: "member.remove", data: { user: "bob" } }]);
      assert.equal(await store.loadThread(reader("bob"), "t"), null);
      assert.deepEqual(await listedFor(store, reader("bob")), []);
      assert.deepEqual(await listedFor(store, reader("alice")), ["t"]);
    },
  },
  {
    name: "an owner who is also a member has the thread in the list once",
    run: async ({ openStore }) => {
      const store = await openStore();
      await extend(store, "t", [create("t", { members: { alice: "editor" } })]);
      assert.deepEqual(await listedFor(store, reader("alice")), ["t"]);
      await extend(store, "t", [{ op: "member.remove", data: { user: "alice" } }]);
      assert.deepEqual(await listedFor(store, reader("alice")), ["t"]);
    },
  },
  {
    name: "several threads are loaded in the order asked for, those out of sight as nothing",
    run: async ({ openStore }) => {
      const store = await openStore();
      await extend(store, "own", [create("own", { owner: "bob" })]);
      await extend(store, "private", [create("private")]);
      const ids = ["private", "own", "nobody", "own"];
      const heads = await store.loadThreads(reader("bob"), ids);
      const own = await headOf(store, "own");
      assert.deepEqual(heads, [null, own, null, own]);
      assert.deepEqual(await store.loadThreads(reader("bob"), []), []);
    },
  },
  {
    name: "a thread that the caller knows already is unchanged, if they may see it",
    run: async ({ openStore }) => {
      const store = await openStore();
      const head = await extend(store, "t", [create("t"), say("m", "hello")]);
      assert.equal(await store.loadThread(reader("alice"), "t", 2), "unchanged");
      assert.deepEqual(await store.loadThread(reader("alice"), "t", 1), head);
      assert.deepEqual(await store.loadThread(reader("alice"), "t", 3), head);
      assert.equal(await store.loadThread(reader("mallory"), "t", 2), null);
    },
  },
  {
    name: "a deleted thread is still loaded, a purged one is not",
    run: async ({ openStore }) => {
      const store = await openStore();
      const deleted = await extend(store, "t", [create("t"), DELETE]);
      assert.deepEqual(await store.loadThread(reader("alice"), "t"), deleted);
      assert.equal(await store.loadThread(reader("mallory"), "t"), null);
      const purged = await extend(store, "t", [{ op: "thread.purge", data: {} }]);
      for (const known of [undefined, deleted.version, purged.version])
        assert.equal(await store.loadThread(EVERYBODY, "t", known), null);
      assert.deepEqual(await store.loadThreads(EVERYBODY, ["t"]), [null]);
      assert.notEqual((await headOf(store, "t")).profile.purgedAt, null);
    },
  },
  {
    name: "a head as it is loaded for a reader is the head as it is loaded for writing",
    run: async ({ openStore }) => {
      const store = await openStore();
      const head = await extend(store, "t", [create("t", { title: "A title" }), say("m", "hi")]);
      const loaded = existing(await store.loadThread(EVERYBODY, "t"));
      assert.deepEqual(loaded, head);
      assert.deepEqual(await headOf(store, "t"), head);
    },
  },
];

// Some have the names of what every JavaScript object has.
const STRANGERS: readonly Reader[] = [
  reader("mallory"),
  reader("constructor"),
  reader("__proto__"),
  reader(""),
  reader("ALICE"),
  reader("alice "),
  { tenant: "globex", user: "alice" },
  { tenant: "globex", user: null },
];

const DELETE: Change = { op: "thread.delete", data: {} };

async function listedFor(store: Store, as: Reader): Promise<readonly string[]> {
  const { threads } = await store.listThreads(as, { limit: 100 });
  assert.ok(as.tenant === TENANT || threads.length === 0);
  return threads.map(({ id }) => id).toSorted();
}
