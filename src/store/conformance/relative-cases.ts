import assert from "node:assert/strict";
import type { ThreadProfile } from "../../model/thread.ts";
import type { RelativesQuery } from "../query.ts";
import type { Store } from "../store.ts";
import type { Reader } from "../key.ts";
import type { ConformanceCase } from "./conformance-case.ts";
import { create, EVERYBODY, extend, reader } from "./fixture.ts";
import { branchAt, originOf, say } from "./message-fixture.ts";
import { SHARED_FORKS } from "./conformance-case.ts";

export const RELATIVE_CASES: readonly ConformanceCase[] = [
  {
    name: "relatives are the threads asked for by id that there are, each once",
    run: async ({ openStore }) => {
      const store = await openStore();
      for (const id of ["a", "b", "c"]) await extend(store, id, [create(id)]);
      assert.deepEqual(await relatives(store, EVERYBODY, { ids: ["b", "x", "a", "b"] }), [
        "a",
        "b",
      ]);
      assert.deepEqual(await relatives(store, EVERYBODY, {}), []);
    },
  },
  {
    name: "forks are found by the thread that they were made of, the oldest first, as many as asked for",
    requires: SHARED_FORKS,
    run: async ({ openStore }) => {
      const store = await openStore();
      await makeForks(store);
      assert.deepEqual(await forksOf(store, ["t"]), ["f2", "f1", "f3"]);
      assert.deepEqual(await forksOf(store, ["t"], 2), ["f2", "f1"]);
      assert.deepEqual(await forksOf(store, ["f2", "t"]), ["f2", "f1", "g", "f3"]);
      assert.deepEqual(await forksOf(store, ["g", "nobody"]), []);
    },
  },
  {
    name: "relatives leave out threads that the reader may not see, deleted ones and purged ones",
    requires: SHARED_FORKS,
    run: async ({ openStore }) => {
      const store = await openStore();
      await makeForks(store);
      await extend(store, "f1", [{ op: "member.set", data: { user: "bob", role: "viewer" } }]);
      const bob = { ids: ["t", "f2"], forksOf: ["t"] };
      assert.deepEqual(await relatives(store, reader("bob"), bob), ["f1"]);
      assert.deepEqual(await relatives(store, { tenant: "other", user: null }, bob), []);
      await extend(store, "f1", [{ op: "thread.delete", data: {} }]);
      await extend(store, "f2", [{ op: "thread.purge", data: {} }]);
      assert.deepEqual(await forksOf(store, ["t"]), ["f3"]);
      assert.deepEqual(await relatives(store, EVERYBODY, { ids: ["f1", "f2", "f3"] }), ["f3"]);
      await extend(store, "f1", [{ op: "thread.undelete", data: {} }]);
      assert.deepEqual(await forksOf(store, ["t"], 1), ["f1"]);
    },
  },
  {
    name: "relatives are whole heads, with their branches",
    run: async ({ openStore }) => {
      const store = await openStore();
      const start = await extend(store, "t", [create("t"), say("a", "one")]);
      const at = { ...originOf(start).head, messageId: "a" };
      const head = await extend(store, "t", [branchAt("side", at), say("b", "two")]);
      const query = { ids: ["t"], forksOf: [], limit: 10 };
      assert.deepEqual(await store.loadRelatives(EVERYBODY, query), [head]);
    },
  },
];

/** f2, f1 and f3 of t, g of f2, in the order f2, f1, g, f3. */
async function makeForks(store: Store): Promise<void> {
  const origin = await extend(store, "t", [create("t"), say("a", "one")]);
  const fork = async (id: string, of: string): Promise<void> => {
    const forkedFrom: ThreadProfile["forkedFrom"] = { threadId: of, version: 2, messageId: "a" };
    const from = { ...originOf(origin), threadId: of };
    await extend(store, id, [create(id, { kind: "fork", forkedFrom }, from)]);
  };
  await fork("f2", "t");
  await fork("f1", "t");
  await fork("g", "f2");
  await fork("f3", "t");
}

function forksOf(store: Store, origins: readonly string[], limit = 10): Promise<readonly string[]> {
  return idsOf(store, EVERYBODY, { ids: [], forksOf: origins, limit });
}

/** Sorted, for those asked for by id come in no order. */
async function relatives(
  store: Store,
  who: Reader,
  query: Partial<RelativesQuery>,
): Promise<readonly string[]> {
  return (await idsOf(store, who, { ids: [], forksOf: [], limit: 10, ...query })).toSorted();
}

async function idsOf(store: Store, who: Reader, query: RelativesQuery): Promise<readonly string[]> {
  return (await store.loadRelatives(who, query)).map(({ profile }) => profile.id);
}
