import assert from "node:assert/strict";
import { text } from "../../model/part.ts";
import type { Store } from "../store.ts";
import { SEARCH } from "./conformance-case.ts";
import type { ConformanceCase } from "./conformance-case.ts";
import { pathOf, provesForgotten, PURGE, SECRET } from "./erasure-fixture.ts";
import { commitEach, create, EVERYBODY, extend, headOf, keyOf, makeWrite } from "./fixture.ts";
import type { Change } from "./fixture.ts";
import { close, dequeue, enqueue, open, redact, say } from "./message-fixture.ts";
import { claimRun, newStep, startRun } from "./run-fixture.ts";

export const ERASURE_CASES: readonly ConformanceCase[] = [
  {
    name: "an annotation shows in every later reading, and a newer value replaces an older one",
    run: async ({ openStore }) => {
      const store = await openStore();
      const head = await extend(store, "t", [
        create("t"),
        say("a", "hello", { metadata: { source: "web" } }),
        annotate("a", { rating: 1, by: "alice" }),
      ]);
      await extend(store, "t", [annotate("a", { rating: 5 })]);
      const [message] = await pathOf(store, head);
      assert.deepEqual(message?.metadata, { source: "web", rating: 5, by: "alice" });
      assert.deepEqual(message.parts, [text("hello")]);
      assert.deepEqual(await store.loadMessages(keyOf("t"), ["a"]), [message]);
    },
  },
  {
    name: "a redacted message is still there, and says nothing",
    run: async ({ openStore }) => {
      const store = await openStore();
      const before = await extend(store, "t", [
        create("t"),
        say("a", "fine"),
        say("b", SECRET, { metadata: { note: SECRET }, author: { kind: "user", id: "bob" } }),
        say("c", "also fine"),
      ]);
      const head = await extend(store, "t", [redact("b")]);
      const [first, redacted, third] = await pathOf(store, head);
      assert.deepEqual([first?.redacted, third?.redacted], [undefined, undefined]);
      assert.equal(redacted?.redacted, true);
      assert.deepEqual(redacted.parts, []);
      assert.equal(redacted.parentId, "a");
      assert.equal(redacted.author?.id, "bob");
      assert.deepEqual(await store.loadMessages(keyOf("t"), ["b"]), [redacted]);
      assert.deepEqual(await pathOf(store, before), [first, redacted, third]);
      await provesForgotten(store, ["t"], ["b"]);
    },
  },
  {
    name: "the log of a redacted message has its entries without payload",
    run: async ({ openStore }) => {
      const store = await openStore();
      await extend(store, "t", [create("t"), say("a", SECRET), annotate("a", { note: SECRET })]);
      await extend(store, "t", [redact("a")]);
      const entries = await store.listEntries(keyOf("t"), 0, 10);
      assert.deepEqual(
        entries.map(({ version, op }) => [version, op]),
        [
          [1, "thread.create"],
          [2, "message.append"],
          [3, "message.annotate"],
          [4, "message.redact"],
        ],
      );
      const append = entries[1];
      assert.ok(append?.op === "message.append");
      assert.deepEqual(append.data.message.parts, []);
      assert.equal(append.data.message.id, "a");
      await provesForgotten(store, ["t"], ["a"]);
    },
  },
  {
    name: "a redacted message that a run wrote is forgotten in its opening and in its commit",
    run: async ({ openStore }) => {
      const store = await openStore();
      await extend(store, "t", [create("t"), startRun("r1"), open("a", "r1")]);
      await extend(store, "t", [close("a", SECRET)]);
      await extend(store, "t", [say("b", "next")]);
      const head = await extend(store, "t", [redact("a")]);
      const [message] = await pathOf(store, head);
      assert.equal(message?.redacted, true);
      assert.equal(message.status, "completed");
      await provesForgotten(store, ["t"], ["a"]);
    },
  },
  {
    name: "a queued message that is redacted stays redacted in its place",
    run: async ({ openStore }) => {
      const store = await openStore();
      await extend(store, "t", [create("t"), enqueue("q", SECRET), redact("q")]);
      const [queued] = await store.loadMessages(keyOf("t"), ["q"]);
      assert.equal(queued?.redacted, true);
      const head = await extend(store, "t", [dequeue("q"), say("b", "next")]);
      const [message] = await pathOf(store, head);
      assert.equal(message?.redacted, true);
      await provesForgotten(store, ["t"], ["q"]);
    },
  },
  {
    name: "writing and redacting in one commit leaves nothing",
    run: async ({ openStore }) => {
      const store = await openStore();
      const head = await extend(store, "t", [create("t"), say("a", SECRET), redact("a")]);
      const [message] = await pathOf(store, head);
      assert.equal(message?.redacted, true);
      await provesForgotten(store, ["t"], ["a"]);
    },
  },
  {
    name: "the newest message that is redacted leaves the thread's header",
    run: async ({ openStore }) => {
      const store = await openStore();
      await extend(store, "t", [create("t"), say("a", SECRET)]);
      const head = await extend(store, "t", [redact("a")]);
      assert.deepEqual(await headOf(store, "t"), head);
      await provesForgotten(store, ["t"], ["a"]);
    },
  },
  {
    name: "a redacted message is not found by search",
    requires: SEARCH,
    run: async ({ openStore }) => {
      const store = await openStore();
      await extend(store, "t", [create("t"), say("a", SECRET), say("b", `${SECRET} again`)]);
      assert.deepEqual((await found(store)).toSorted(), ["a", "b"]);
      await extend(store, "t", [redact("a")]);
      assert.deepEqual(await found(store), ["b"]);
      await extend(store, "t", [redact("b")]);
      assert.deepEqual(await found(store), []);
    },
  },
  {
    name: "of a purged thread nothing is left but its head",
    run: async ({ openStore }) => {
      const store = await openStore();
      await makeSecretThread(store, "t");
      await extend(store, "u", [create("u"), say("u.a", "somebody else's")]);
      const head = await extend(store, "t", [PURGE]);
      await provesForgotten(store, ["t"], ["t.a", "t.b", "t.c", "t.q"]);
      assert.deepEqual(await headOf(store, "t"), head);
      const key = keyOf("t");
      assert.deepEqual(await store.loadMessages(key, ["t.a", "t.b"]), [null, null]);
      assert.equal(await store.loadRun(key, "t.r"), null);
      assert.deepEqual(await store.listRuns(key, { limit: 10 }), []);
      assert.deepEqual(await store.listSteps(key, "t.r"), []);
      assert.deepEqual(await store.listChunks(key, "t.c"), []);
      assert.deepEqual(await store.listRunnableRuns(), []);
      const need = { kind: "operation", user: "alice", opId: "t.key" } as const;
      assert.equal((await store.loadFacts(key, [need])).operation, null);
      const [other] = await store.loadMessages(keyOf("u"), ["u.a"]);
      assert.equal(other?.id, "u.a");
    },
  },
  {
    name: "the id of a purged thread is not used again",
    run: async ({ openStore }) => {
      const store = await openStore();
      await extend(store, "t", [create("t")]);
      const head = await extend(store, "t", [PURGE]);
      const again = makeWrite(keyOf("t"), null, [create("t")]);
      assert.deepEqual(await commitEach(store, [again]), ["stale"]);
      assert.deepEqual(await headOf(store, "t"), head);
    },
  },
  {
    name: "a thread that is purged by the commit that has its last words leaves nothing",
    run: async ({ openStore }) => {
      const store = await openStore();
      await extend(store, "t", [create("t"), say("a", SECRET)]);
      await extend(store, "t", [say("b", SECRET), PURGE]);
      await provesForgotten(store, ["t"], ["a", "b"]);
    },
  },
  {
    name: "a purged thread is not found by search",
    requires: SEARCH,
    run: async ({ openStore }) => {
      const store = await openStore();
      await extend(store, "t", [create("t", { title: SECRET }), say("a", SECRET)]);
      assert.equal((await found(store)).length, 2);
      await extend(store, "t", [PURGE]);
      assert.deepEqual(await found(store), []);
    },
  },
];

/** A thread that has the secret wherever a user's text can be. */
async function makeSecretThread(store: Store, id: string): Promise<void> {
  const profile = {
    title: SECRET,
    metadata: { [SECRET]: SECRET },
    tags: [SECRET],
    members: { [SECRET]: "viewer" },
    environment: { note: SECRET },
    state: { note: SECRET },
    agentId: SECRET,
  } as const;
  await extend(
    store,
    id,
    [
      create(id, profile),
      say(`${id}.a`, SECRET, { metadata: { note: SECRET } }),
      say(`${id}.b`, "plain", { role: "assistant", author: { kind: "agent", id: SECRET } }),
      startRun(`${id}.r`, { instructions: SECRET, metadata: { note: SECRET } }),
      claimRun(`${id}.r`, SECRET, 1),
      { op: "step.start", data: { step: newStep("s1", `${id}.r`, { name: SECRET }) } },
      { op: "custom", data: { name: SECRET, data: SECRET } },
      enqueue(`${id}.q`, SECRET),
      open(`${id}.c`, `${id}.r`),
    ],
    { operation: { user: "alice", opId: `${id}.key`, digest: SECRET }, givenIds: [`${id}.a`] },
  );
  await store.appendChunks(keyOf(id), [
    {
      runId: `${id}.r`,
      messageId: `${id}.c`,
      attempt: 1,
      part: 0,
      kind: "text",
      offset: 0,
      text: SECRET,
    },
  ]);
}

function annotate(messageId: string, values: Record<string, string | number>): Change {
  return { op: "message.annotate", data: { messageId, values } };
}

async function found(store: Store): Promise<readonly string[]> {
  const { hits } = await store.search(EVERYBODY, { text: SECRET, limit: 100 });
  return hits.map(({ messageId }) => messageId ?? "title");
}
