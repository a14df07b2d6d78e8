import assert from "node:assert/strict";
import { MAIN } from "../../model/thread.ts";
import type { ThreadHead } from "../../model/thread.ts";
import type { PathRange, Store } from "../store.ts";
import { SHARED_FORKS } from "./conformance-case.ts";
import type { ConformanceCase } from "./conformance-case.ts";
import { create, existing, extend, headOf, keyOf, TENANT } from "./fixture.ts";
import { branchAt, endOf, originOf, say } from "./message-fixture.ts";

const WHOLE: PathRange = { minDepth: 0, maxDepth: Number.MAX_SAFE_INTEGER };

export const FORK_CASES: readonly ConformanceCase[] = [
  {
    name: "a fork reads what it includes of its origin, and goes on by itself",
    requires: SHARED_FORKS,
    run: async ({ openStore }) => {
      const store = await openStore();
      const origin = await extend(store, "t", [create("t"), say("a", "one"), say("b", "two")]);
      const start = await extend(store, "f", [create("f", {}, originOf(origin))]);
      assert.deepEqual(await idsOn(store, start), ["a", "b"]);
      assert.equal(start.branches[MAIN]?.count, 2);
      const fork = await extend(store, "f", [say("x", "in the fork"), say("y", "in the fork")]);
      const grown = await extend(store, "t", [say("c", "in the origin")]);
      assert.deepEqual(await idsOn(store, fork), ["a", "b", "x", "y"]);
      assert.deepEqual(await idsOn(store, grown), ["a", "b", "c"]);
      assert.deepEqual(await headOf(store, "f"), fork);
    },
  },
  {
    name: "a fork's own log starts at version 1 and has none of its origin's entries",
    requires: SHARED_FORKS,
    run: async ({ openStore }) => {
      const store = await openStore();
      const origin = await extend(store, "t", [create("t"), say("a", "one"), say("b", "two")]);
      await extend(store, "f", [create("f", {}, originOf(origin)), say("x", "mine")]);
      const entries = await store.listEntries(keyOf("f"), 0, 10);
      assert.deepEqual(
        entries.map(({ version, op, threadId }) => [version, op, threadId]),
        [
          [1, "thread.create", "f"],
          [2, "message.append", "f"],
        ],
      );
    },
  },
  {
    name: "included messages say which thread wrote them",
    requires: SHARED_FORKS,
    run: async ({ openStore }) => {
      const store = await openStore();
      const origin = await extend(store, "t", [create("t"), say("a", "one")]);
      const fork = await extend(store, "f", [create("f", {}, originOf(origin)), say("x", "mine")]);
      const messages = await store.readPath(TENANT, endOf(fork), WHOLE);
      assert.deepEqual(
        messages.map(({ id, threadId, parentId, depth }) => [id, threadId, parentId, depth]),
        [
          ["a", "t", null, 0],
          ["x", "f", "a", 1],
        ],
      );
    },
  },
  {
    name: "a fork from the middle does not include what came later",
    requires: SHARED_FORKS,
    run: async ({ openStore }) => {
      const store = await openStore();
      const early = await extend(store, "t", [create("t"), say("a", "one"), say("b", "two")]);
      await extend(store, "t", [say("c", "three"), say("d", "four")]);
      const fork = await extend(store, "f", [create("f", {}, originOf(early)), say("x", "mine")]);
      assert.deepEqual(await idsOn(store, fork), ["a", "b", "x"]);
      const messages = await store.loadMessages(keyOf("f"), ["a", "b", "c", "d", "x"]);
      assert.deepEqual(
        messages.map((message) => message?.id ?? null),
        ["a", "b", null, null, "x"],
      );
    },
  },
  {
    name: "a fork of a branch includes the branch, and not what main went on with",
    requires: SHARED_FORKS,
    run: async ({ openStore }) => {
      const store = await openStore();
      const start = await extend(store, "t", [create("t"), say("a", "one"), say("b", "two")]);
      const { segment } = endOf(start);
      const cut = { segment, position: 1, messageId: "a", count: 1, turnId: "a" };
      const origin = await extend(store, "t", [
        branchAt("side", cut),
        say("s", "aside", { branch: "side" }),
      ]);
      const side = existing(origin.branches["side"]);
      const from = { ...originOf(origin), branch: "side", head: side };
      const fork = await extend(store, "f", [create("f", {}, from), say("x", "mine")]);
      assert.deepEqual(await idsOn(store, fork), ["a", "s", "x"]);
      const [included, other] = await store.loadMessages(keyOf("f"), ["s", "b"]);
      assert.equal(included?.id, "s");
      assert.equal(other, null);
    },
  },
  {
    name: "a fork can branch off within what it includes",
    requires: SHARED_FORKS,
    run: async ({ openStore }) => {
      const store = await openStore();
      const origin = await extend(store, "t", [create("t"), say("a", "one"), say("b", "two")]);
      const { segment } = endOf(origin);
      const cut = { segment, position: 1, messageId: "a", count: 1, turnId: "a" };
      const fork = await extend(store, "f", [
        create("f", {}, originOf(origin)),
        branchAt("side", cut),
        say("s", "aside", { branch: "side" }),
        say("x", "on main"),
        say("u", "aside again", { branch: "side" }),
      ]);
      assert.deepEqual(await idsOn(store, fork), ["a", "b", "x"]);
      assert.deepEqual(await idsOn(store, fork, {}, "side"), ["a", "s", "u"]);
    },
  },
  {
    name: "a fork of an empty thread is empty and can grow",
    requires: SHARED_FORKS,
    run: async ({ openStore }) => {
      const store = await openStore();
      const origin = await extend(store, "t", [create("t")]);
      const start = await extend(store, "f", [create("f", {}, originOf(origin))]);
      assert.deepEqual(await idsOn(store, start), []);
      await extend(store, "t", [say("a", "later, in the origin")]);
      const fork = await extend(store, "f", [say("x", "mine")]);
      assert.deepEqual(await idsOn(store, fork), ["x"]);
      assert.deepEqual(await store.loadMessages(keyOf("f"), ["a"]), [null]);
    },
  },
  {
    name: "a fork of nothing includes nothing, also where its segment goes on from another one",
    requires: SHARED_FORKS,
    run: async ({ openStore }) => {
      const store = await openStore();
      const start = await extend(store, "t", [create("t"), say("a", "one")]);
      const origin = await extend(store, "t", [
        branchAt("side", existing(start.branches[MAIN])),
        say("s", "aside", { branch: "side" }),
      ]);
      const { segment } = endOf(origin, "side");
      const head = { segment, position: 0, messageId: null, count: 0, turnId: null };
      const from = { ...originOf(origin), branch: "side", head, lastMessage: null };
      const fork = await extend(store, "f", [create("f", {}, from)]);
      assert.deepEqual(await idsOn(store, fork), []);
      assert.deepEqual(await store.loadMessages(keyOf("f"), ["a", "s"]), [null, null]);
      const need = { kind: "message", id: "a", on: endOf(fork) } as const;
      assert.equal((await store.loadFacts(keyOf("f"), [need])).messages["a"], null);
    },
  },
  {
    name: "a chain of 20 forks is read from its end to its beginning",
    requires: SHARED_FORKS,
    run: async ({ openStore }) => {
      const store = await openStore();
      let head = await extend(store, "f0", [create("f0"), say("m0.0", "root"), say("m0.1", "on")]);
      const expected = ["m0.0", "m0.1"];
      for (let level = 1; level <= 20; level++) {
        const id = `f${level}`;
        const ids = [`m${level}.0`, `m${level}.1`] as const;
        const origin = head;
        head = await extend(store, id, [
          create(id, {}, originOf(origin)),
          say(ids[0], "in a fork"),
          say(ids[1], "of a fork"),
        ]);
        await extend(store, origin.profile.id, [say(`late${level}`, "not included")]);
        expected.push(...ids);
      }
      assert.deepEqual(await idsOn(store, head), expected);
      assert.deepEqual(
        await idsOn(store, head, { minDepth: 11, maxDepth: 15 }),
        expected.slice(11, 16),
      );
      const newest = { limit: 5, order: "desc" } as const;
      assert.deepEqual(await idsOn(store, head, newest), expected.slice(-5).toReversed());
      const [root, late] = await store.loadMessages(keyOf("f20"), ["m0.0", "late1"]);
      assert.equal(root?.threadId, "f0");
      assert.equal(late, null);
    },
  },
  {
    name: "a fork's facts tell of included messages, and not of what came later",
    requires: SHARED_FORKS,
    run: async ({ openStore }) => {
      const store = await openStore();
      const origin = await extend(store, "t", [create("t"), say("a", "one"), say("b", "two")]);
      await extend(store, "t", [say("c", "three")]);
      const fork = await extend(store, "f", [create("f", {}, originOf(origin)), say("x", "mine")]);
      const on = endOf(fork);
      const { messages } = await store.loadFacts(keyOf("f"), [
        { kind: "message", id: "a", on },
        { kind: "message", id: "c", on },
        { kind: "message", id: "x", on },
      ]);
      assert.equal(messages["a"]?.isOnPath, true);
      assert.deepEqual(messages["a"].place?.segment, { threadId: "t", number: 0 });
      assert.equal(messages["c"], null);
      assert.equal(messages["x"]?.isOnPath, true);
      assert.deepEqual(messages["x"].parent?.segment, { threadId: "t", number: 0 });
      assert.equal(messages["x"].parent.position, 2);
    },
  },
  {
    name: "a message's holders are its writer and the forks that include it, by age, without purged ones",
    requires: SHARED_FORKS,
    run: async ({ openStore }) => {
      const store = await openStore();
      const early = await extend(store, "t", [create("t"), say("a", "one")]);
      const origin = await extend(store, "t", [say("b", "two")]);
      const fork = await extend(store, "z", [create("z", {}, originOf(origin)), say("x", "mine")]);
      await extend(store, "f", [create("f", {}, originOf(early))]);
      await extend(store, "g", [create("g", {}, originOf(fork))]);
      assert.deepEqual(await holdersOf(store, "t", "a"), ["t", "z", "f", "g"]);
      assert.deepEqual(await holdersOf(store, "g", "a"), ["t", "z", "f", "g"]);
      assert.deepEqual(await holdersOf(store, "z", "b"), ["t", "z", "g"]);
      assert.deepEqual(await holdersOf(store, "g", "x"), ["z", "g"]);
      await extend(store, "f", [{ op: "thread.delete", data: {} }]);
      assert.deepEqual(await holdersOf(store, "g", "a"), ["t", "z", "f", "g"]);
      await extend(store, "t", [{ op: "thread.purge", data: {} }]);
      await extend(store, "f", [{ op: "thread.purge", data: {} }]);
      assert.deepEqual(await holdersOf(store, "g", "a"), ["z", "g"]);
      assert.deepEqual(await holdersOf(store, "z", "x"), ["z", "g"]);
      const unasked = await store.loadFacts(keyOf("g"), [{ kind: "message", id: "a" }]);
      assert.equal(unasked.messages["a"]?.holders, undefined);
    },
  },
  {
    name: "what is said about an included message afterwards shows in the origin and in the fork",
    requires: SHARED_FORKS,
    run: async ({ openStore }) => {
      const store = await openStore();
      const origin = await extend(store, "t", [create("t"), say("a", "one"), say("b", "two")]);
      const fork = await extend(store, "f", [create("f", {}, originOf(origin))]);
      await extend(store, "t", [
        { op: "message.annotate", data: { messageId: "a", values: { rating: 5 } } },
      ]);
      for (const head of [origin, fork]) {
        const [message] = await store.readPath(TENANT, endOf(head), WHOLE);
        assert.deepEqual(message?.metadata, { rating: 5 });
      }
    },
  },
];

async function holdersOf(store: Store, threadId: string, id: string): Promise<readonly string[]> {
  const need = { kind: "message", id, holders: true } as const;
  const { messages } = await store.loadFacts(keyOf(threadId), [need]);
  return existing(messages[id]?.holders);
}

async function idsOn(
  store: Store,
  head: ThreadHead,
  range: Partial<PathRange> = {},
  branch: string = MAIN,
): Promise<readonly string[]> {
  const messages = await store.readPath(TENANT, endOf(head, branch), { ...WHOLE, ...range });
  return messages.map(({ id }) => id);
}
