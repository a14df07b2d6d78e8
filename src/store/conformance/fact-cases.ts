import assert from "node:assert/strict";
import { text } from "../../model/part.ts";
import { MAIN } from "../../model/thread.ts";
import type { ThreadHead } from "../../model/thread.ts";
import type { MessageFact } from "../facts.ts";
import type { Store } from "../store.ts";
import type { ConformanceCase } from "./conformance-case.ts";
import { create, existing, extend, keyOf, START } from "./fixture.ts";
import { branchAt, endOf, enqueue, open, redact, say } from "./message-fixture.ts";
import { startRun } from "./run-fixture.ts";

const CALL = { type: "tool-call", callId: "c1", name: "look", inputText: "{}" } as const;

export const FACT_CASES: readonly ConformanceCase[] = [
  {
    name: "no needs are answered with no facts",
    run: async ({ openStore }) => {
      const store = await openStore();
      const none = { messages: {}, given: {}, operation: null };
      assert.deepEqual(await store.loadFacts(keyOf("nobody"), []), none);
      await extend(store, "t", [create("t"), say("a", "hello")]);
      assert.deepEqual(await store.loadFacts(keyOf("t"), []), none);
    },
  },
  {
    name: "the fact of a message tells its place, its parent and the last text",
    run: async ({ openStore }) => {
      const store = await openStore();
      const head = await extend(store, "t", [
        create("t"),
        say("a", "why?"),
        say("b", "because", { role: "assistant" }),
        say("c", "thanks"),
      ]);
      const segment = { threadId: "t", number: 0 };
      const lastMessage = (
        id: string,
        said: string,
        version: number,
      ): MessageFact["lastMessage"] => ({
        id,
        role: id === "b" ? "assistant" : "user",
        text: said,
        at: START + version * 1_000,
      });
      assert.deepEqual(await factOf(store, "b", head), {
        id: "b",
        role: "assistant",
        status: "completed",
        isRedacted: false,
        place: { segment, position: 2, parentId: "a", depth: 1, turnId: "a", pending: [] },
        parent: { segment, position: 1, turnId: "a", lastMessage: lastMessage("a", "why?", 2) },
        isOnPath: true,
        lastMessage: lastMessage("b", "because", 3),
      } satisfies MessageFact);
      assert.equal((await factOf(store, "a", head))?.parent, null);
    },
  },
  {
    name: "a message that nobody shares is held by its thread alone, queued or placed",
    run: async ({ openStore }) => {
      const store = await openStore();
      await extend(store, "t", [create("t"), say("a", "one"), enqueue("q", "two")]);
      await extend(store, "u", [create("u"), say("b", "three")]);
      const { messages } = await store.loadFacts(keyOf("t"), [
        { kind: "message", id: "a", holders: true },
        { kind: "message", id: "q", holders: true },
      ]);
      assert.deepEqual(messages["a"]?.holders, ["t"]);
      assert.deepEqual(messages["q"]?.holders, ["t"]);
    },
  },
  {
    name: "a message on another branch is not on the path asked for",
    run: async ({ openStore }) => {
      const store = await openStore();
      const start = await extend(store, "t", [create("t"), say("a", "one"), say("b", "two")]);
      const { segment } = endOf(start);
      const cut = { segment, position: 1, messageId: "a", count: 1, turnId: "a" };
      const head = await extend(store, "t", [
        branchAt("side", cut),
        say("s", "aside", { branch: "side" }),
      ]);
      const isOnPath = async (id: string, branch: string): Promise<boolean | undefined> =>
        (await factOf(store, id, head, branch))?.isOnPath;
      assert.equal(await isOnPath("s", MAIN), false);
      assert.equal(await isOnPath("s", "side"), true);
      assert.equal(await isOnPath("b", "side"), false);
      assert.equal(await isOnPath("a", "side"), true);
      assert.equal(await isOnPath("a", MAIN), true);
      const parent = existing(await factOf(store, "s", head, "side")).parent;
      assert.deepEqual(parent?.segment, segment);
      assert.equal(parent.position, 1);
    },
  },
  {
    name: "a message behind the end asked for is not on the path",
    run: async ({ openStore }) => {
      const store = await openStore();
      const head = await extend(store, "t", [create("t"), say("a", "one"), say("b", "two")]);
      const on = { ...endOf(head), position: 1 };
      const { messages } = await store.loadFacts(keyOf("t"), [
        { kind: "message", id: "a", on },
        { kind: "message", id: "b", on },
      ]);
      assert.equal(messages["a"]?.isOnPath, true);
      assert.equal(messages["b"]?.isOnPath, false);
    },
  },
  {
    name: "a message of another thread or tenant, or of none, is no fact",
    run: async ({ openStore }) => {
      const store = await openStore();
      await extend(store, "t", [create("t"), say("a", "ours")]);
      await extend(store, "u", [create("u"), say("b", "another's")]);
      const need = (id: string): { readonly kind: "message"; readonly id: string } => ({
        kind: "message",
        id,
      });
      const facts = await store.loadFacts(keyOf("t"), [need("b"), need("nobody's")]);
      assert.deepEqual(facts.messages, { b: null, "nobody's": null });
      const elsewhere = await store.loadFacts({ tenant: "globex", id: "t" }, [need("a")]);
      assert.deepEqual(elsewhere.messages, { a: null });
    },
  },
  {
    name: "a queued message has no place and is on no path",
    run: async ({ openStore }) => {
      const store = await openStore();
      const head = await extend(store, "t", [create("t"), say("a", "one"), enqueue("q", "two")]);
      const fact = existing(await factOf(store, "q", head));
      assert.equal(fact.status, "queued");
      assert.equal(fact.place, null);
      assert.equal(fact.parent, null);
      assert.equal(fact.isOnPath, false);
    },
  },
  {
    name: "a message that is being written is a fact, and its last text is an earlier one",
    run: async ({ openStore }) => {
      const store = await openStore();
      const head = await extend(store, "t", [
        create("t"),
        say("a", "why?"),
        startRun("r1"),
        open("b", "r1"),
      ]);
      const fact = existing(await factOf(store, "b", head));
      assert.equal(fact.status, "in_progress");
      assert.equal(fact.place?.position, 2);
      assert.equal(fact.lastMessage?.id, "a");
    },
  },
  {
    name: "calls without a result are pending at the message that made them, and not behind the result",
    run: async ({ openStore }) => {
      const store = await openStore();
      const result = {
        type: "tool-result",
        callId: "c1",
        name: "look",
        outcome: "ok",
        output: { type: "text", text: "blue" },
      } as const;
      const head = await extend(store, "t", [
        create("t"),
        say("a", "look!"),
        say("b", [text("Looking."), CALL], { role: "assistant" }),
        say("c", [result], { role: "tool" }),
      ]);
      const pendingAt = async (id: string): Promise<readonly string[] | undefined> =>
        (await factOf(store, id, head))?.place?.pending;
      assert.deepEqual(await pendingAt("b"), ["c1"]);
      assert.deepEqual(await pendingAt("c"), []);
      assert.equal((await factOf(store, "c", head))?.lastMessage?.id, "b");
    },
  },
  {
    name: "the last text is the first 100 characters of what a person reads",
    run: async ({ openStore }) => {
      const store = await openStore();
      const long = "🧵".repeat(150);
      const head = await extend(store, "t", [create("t"), say("a", long)]);
      assert.equal((await factOf(store, "a", head))?.lastMessage?.text, "🧵".repeat(100));
    },
  },
  {
    name: "a redacted message is a fact that says so, and gives no text",
    run: async ({ openStore }) => {
      const store = await openStore();
      const changes = [create("t"), say("a", "fine"), say("b", "the secret"), redact("b")];
      const head = await extend(store, "t", changes);
      const fact = existing(await factOf(store, "b", head));
      assert.equal(fact.isRedacted, true);
      assert.equal(fact.place?.position, 2);
      assert.ok(!JSON.stringify(fact).includes("secret"));
    },
  },
  {
    name: "given ids tell which thread has them, ids that nobody has tell nothing",
    run: async ({ openStore }) => {
      const store = await openStore();
      await extend(store, "t", [create("t"), say("minted", "hi"), say("mine", "hello")], {
        givenIds: ["mine"],
      });
      const ids = ["mine", "free"];
      const { given } = await store.loadFacts(keyOf("u"), [{ kind: "given", ids }]);
      assert.deepEqual(given, { mine: { key: keyOf("t"), version: 3 }, free: null });
      const elsewhere = { tenant: "globex", id: "t" };
      const other = await store.loadFacts(elsewhere, [{ kind: "given", ids }]);
      assert.deepEqual(other.given, { mine: null, free: null });
    },
  },
  {
    name: "needs of every kind are answered at once",
    run: async ({ openStore }) => {
      const store = await openStore();
      const operation = { user: "alice", opId: "key-1", digest: "abc" };
      await extend(store, "t", [create("t"), say("a", "hello")], { operation, givenIds: ["a"] });
      const facts = await store.loadFacts(keyOf("t"), [
        { kind: "message", id: "a" },
        { kind: "given", ids: ["a"] },
        { kind: "given", ids: ["b"] },
        { kind: "operation", user: "alice", opId: "key-1" },
      ]);
      assert.equal(facts.messages["a"]?.id, "a");
      assert.deepEqual(Object.keys(facts.given).toSorted(), ["a", "b"]);
      assert.equal(facts.operation?.digest, "abc");
    },
  },
];

async function factOf(
  store: Store,
  id: string,
  head: ThreadHead,
  branch: string = MAIN,
): Promise<MessageFact | null | undefined> {
  const on = endOf(head, branch);
  const { messages } = await store.loadFacts(keyOf(head.profile.id), [{ kind: "message", id, on }]);
  return messages[id];
}
