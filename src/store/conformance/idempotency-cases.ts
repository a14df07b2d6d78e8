import assert from "node:assert/strict";
import type { ConformanceCase } from "./conformance-case.ts";
import { commitEach, create, extend, headOf, keyOf, makeWrite } from "./fixture.ts";
import { say } from "./message-fixture.ts";

const OPERATION = { user: "alice", opId: "key-1", digest: "abc" } as const;

export const IDEMPOTENCY_CASES: readonly ConformanceCase[] = [
  {
    name: "a given message id that another thread of the tenant uses is stale",
    run: async ({ openStore }) => {
      const store = await openStore();
      await extend(store, "t", [create("t"), say("mine", "hello")], { givenIds: ["mine"] });
      const before = await extend(store, "u", [create("u")]);
      const write = makeWrite(keyOf("u"), before, [say("mine", "no")], { givenIds: ["mine"] });
      assert.deepEqual(await commitEach(store, [write]), ["stale"]);
      assert.equal((await headOf(store, "u")).version, 1);
      assert.deepEqual(await store.loadMessages(keyOf("u"), ["mine"]), [null]);
    },
  },
  {
    name: "a given message id that the same thread uses is stale",
    run: async ({ openStore }) => {
      const store = await openStore();
      const before = await extend(store, "t", [create("t"), say("mine", "hello")], {
        givenIds: ["mine"],
      });
      const write = makeWrite(keyOf("t"), before, [say("mine", "no")], { givenIds: ["mine"] });
      assert.deepEqual(await commitEach(store, [write]), ["stale"]);
    },
  },
  {
    name: "a given message id that another message of the tenant was made with is stale",
    run: async ({ openStore }) => {
      const store = await openStore();
      await extend(store, "t", [create("t"), say("minted", "hello")]);
      const options = { givenIds: ["minted"] };
      const write = makeWrite(keyOf("u"), null, [create("u"), say("minted", "no")], options);
      assert.deepEqual(await commitEach(store, [write]), ["stale"]);
      const { given } = await store.loadFacts(keyOf("u"), [{ kind: "given", ids: ["minted"] }]);
      assert.deepEqual(given, { minted: { key: keyOf("t"), version: 2 } });
    },
  },
  {
    name: "of two chains in one commit with the same given message id one is stale",
    run: async ({ openStore }) => {
      const store = await openStore();
      const writes = ["t", "u"].map((id) =>
        makeWrite(keyOf(id), null, [create(id), say("mine", id)], { givenIds: ["mine"] }),
      );
      const results = await commitEach(store, writes);
      assert.deepEqual(results.toSorted(), ["committed", "stale"]);
      const heads = await store.loadHeads([keyOf("t"), keyOf("u")]);
      assert.deepEqual(
        heads.map((head) => (head === null ? "stale" : "committed")),
        results,
      );
    },
  },
  {
    name: "a given message id is free in another tenant",
    run: async ({ openStore }) => {
      const store = await openStore();
      const options = { givenIds: ["mine"] };
      await extend(store, "t", [create("t"), say("mine", "ours")], options);
      const other = { tenant: "globex", id: "t" };
      await extend(
        store,
        other,
        [create("t", { tenant: "globex" }), say("mine", "theirs")],
        options,
      );
      const [message] = await store.loadMessages(other, ["mine"]);
      assert.deepEqual(message?.parts, [{ type: "text", text: "theirs" }]);
    },
  },
  {
    name: "ids that JavaScript's objects have of their own are ids like any other",
    run: async ({ openStore }) => {
      const store = await openStore();
      const ids = ["__proto__", "constructor", "toString"];
      const says = ids.map((id) => say(id, `I am ${id}`));
      await extend(store, "__proto__", [create("__proto__"), ...says], { givenIds: ids });
      const messages = await store.loadMessages(keyOf("__proto__"), [...ids, "valueOf"]);
      assert.deepEqual(
        messages.map((message) => message?.id),
        [...ids, undefined],
      );
      const facts = await store.loadFacts(keyOf("__proto__"), [
        { kind: "given", ids: [...ids, "valueOf"] },
        ...ids.map((id) => ({ kind: "message" as const, id })),
      ]);
      for (const id of ids) {
        assert.equal(Object.getOwnPropertyDescriptor(facts.messages, id)?.value.id, id);
        assert.ok(Object.getOwnPropertyDescriptor(facts.given, id)?.value.version >= 2);
      }
      assert.equal(Object.getOwnPropertyDescriptor(facts.given, "valueOf")?.value, null);
    },
  },
  {
    name: "an operation that was carried out is stale, in whatever thread it comes again",
    run: async ({ openStore }) => {
      const store = await openStore();
      const options = { operation: OPERATION };
      const head = await extend(store, "t", [create("t"), say("m1", "hello")], options);
      const writes = [
        makeWrite(keyOf("t"), head, [say("m2", "hello")], options),
        makeWrite(keyOf("u"), null, [create("u")], options),
      ];
      assert.deepEqual(await commitEach(store, writes), ["stale", "stale"]);
      assert.deepEqual(await store.loadHeads([keyOf("t"), keyOf("u")]), [head, null]);
    },
  },
  {
    name: "of two chains in one commit with the same operation one is stale",
    run: async ({ openStore }) => {
      const store = await openStore();
      const writes = ["t", "u"].map((id) =>
        makeWrite(keyOf(id), null, [create(id)], { operation: OPERATION }),
      );
      const results = await commitEach(store, writes);
      assert.deepEqual(results.toSorted(), ["committed", "stale"]);
    },
  },
  {
    name: "an operation's key belongs to its user and tenant",
    run: async ({ openStore }) => {
      const store = await openStore();
      const changes = [create("t"), say("m1", "hello")];
      await extend(store, "t", changes, { operation: OPERATION });
      await extend(store, "u", [create("u")], { operation: { ...OPERATION, user: "bob" } });
      const other = { tenant: "globex", id: "t" };
      await extend(store, other, [create("t", { tenant: "globex" })], { operation: OPERATION });
      const need = { kind: "operation", opId: OPERATION.opId } as const;
      const ofAlice = await store.loadFacts(keyOf("t"), [{ ...need, user: "alice" }]);
      const ofBob = await store.loadFacts(keyOf("t"), [{ ...need, user: "bob" }]);
      const ofCarol = await store.loadFacts(keyOf("t"), [{ ...need, user: "carol" }]);
      assert.deepEqual(ofAlice.operation, {
        ...OPERATION,
        key: keyOf("t"),
        fromVersion: 1,
        toVersion: 2,
      });
      assert.deepEqual(ofBob.operation?.key, keyOf("u"));
      assert.equal(ofCarol.operation, null);
    },
  },
  {
    name: "an operation that was stale is not remembered",
    run: async ({ openStore }) => {
      const store = await openStore();
      const old = await extend(store, "t", [create("t")]);
      const head = await extend(store, "t", [say("m1", "first")]);
      const options = { operation: OPERATION, givenIds: ["m2"] };
      const late = makeWrite(keyOf("t"), old, [say("m2", "again")], options);
      assert.deepEqual(await commitEach(store, [late]), ["stale"]);
      const retry = makeWrite(keyOf("t"), head, [say("m2", "again")], options);
      assert.deepEqual(await commitEach(store, [retry]), ["committed"]);
    },
  },
];
