import assert from "node:assert/strict";
import type { Store } from "../store.ts";
import { DURABLE } from "./conformance-case.ts";
import type { ConformanceCase, ConformanceContext } from "./conformance-case.ts";
import { EVERY_OP } from "./every-op.ts";
import { everythingAbout } from "./everything.ts";
import { commitEach, create, EVERYBODY, extend, keyOf, makeWrite, rejectsWith } from "./fixture.ts";
import { open, originOf, redact, say } from "./message-fixture.ts";
import { startRun } from "./run-fixture.ts";
import { settledFeed } from "./settled-feed.ts";

const LONG_MS = 600_000;

export const LIFETIME_CASES: readonly ConformanceCase[] = [
  {
    name: "a store says what it is and what it can do",
    run: async ({ openStore }) => {
      const store = await openStore();
      assert.ok(store.name.length > 0);
      for (const able of Object.values(store.capabilities)) assert.equal(typeof able, "boolean");
      assert.equal(Object.keys(store.capabilities).length, 6);
    },
  },
  {
    name: "two stores share nothing",
    run: async ({ openStore }) => {
      const [one, two] = [await openStore(), await openStore()];
      await extend(one, "t", [create("t")]);
      assert.deepEqual(await two.loadHeads([keyOf("t")]), [null]);
      assert.notEqual((await one.open()).storeId, (await two.open()).storeId);
    },
  },
  {
    name: "after it is closed a store refuses every call",
    run: async ({ openStore }) => {
      const store = await openStore();
      const head = await extend(store, "t", [create("t"), startRun("r1"), open("a", "r1")]);
      const { lease } = await store.acquireLease("k", "one", LONG_MS);
      await store.close();
      await store.close();
      for (const call of callsOn(store, makeWrite(keyOf("t"), head, [say("m", "late")]), lease))
        await rejectsWith("store_closed", call());
    },
  },
  {
    name: "closing waits for the commits that are under way",
    run: async ({ openStore }) => {
      const store = await openStore();
      await store.open();
      const ids = Array.from({ length: 20 }, (_, index) => `t${index}`);
      const commits = ids.map((id) =>
        commitEach(store, [makeWrite(keyOf(id), null, [create(id)])]),
      );
      const [results] = await Promise.all([Promise.all(commits), store.close()]);
      assert.deepEqual(results.flat(), Array(20).fill("committed"));
    },
  },
  {
    name: "a store that is opened again has everything as it was",
    requires: DURABLE,
    run: async (context) => {
      const store = await context.openStore();
      const { storeId, epoch } = await store.open();
      await fill(store);
      const before = await snapshot(store);
      const reopened = await reopen(context, store);
      assert.deepEqual(await snapshot(reopened), before);
      const info = await reopened.open();
      assert.deepEqual([info.storeId, info.epoch], [storeId, epoch]);
    },
  },
  {
    name: "a store that is opened again goes on where it stopped",
    requires: DURABLE,
    run: async (context) => {
      const store = await context.openStore();
      await fill(store);
      const { cursor } = await settledFeed(store, EVERYBODY, { after: null, limit: 1_000 });
      const reopened = await reopen(context, store);
      const head = await extend(reopened, "f", [say("after", "the restart")]);
      assert.deepEqual(await reopened.loadHeads([keyOf("f")]), [head]);
      const { events } = await settledFeed(reopened, EVERYBODY, { after: cursor, limit: 10 });
      assert.deepEqual(
        events.map(({ threadId, version }) => [threadId, version]),
        [["f", head.version]],
      );
    },
  },
  {
    name: "a store that is opened again still refuses what was taken before",
    requires: DURABLE,
    run: async (context) => {
      const store = await context.openStore();
      const operation = { user: "alice", opId: "key-1", digest: "abc" };
      const changes = [create("t"), say("mine", "hello")];
      await extend(store, "t", changes, { givenIds: ["mine"], operation });
      const reopened = await reopen(context, store);
      const writes = [
        makeWrite(keyOf("t"), null, [create("t")]),
        makeWrite(keyOf("u"), null, [create("u"), say("mine", "no")], { givenIds: ["mine"] }),
        makeWrite(keyOf("v"), null, [create("v")], { operation }),
      ];
      assert.deepEqual(await commitEach(reopened, writes), ["stale", "stale", "stale"]);
    },
  },
  {
    name: "the lease of a store that was closed can be taken at once, with a larger fence",
    requires: DURABLE,
    run: async (context) => {
      const store = await context.openStore();
      const { lease } = await store.acquireLease("k", "one", LONG_MS);
      const { instance } = store;
      const reopened = await reopen(context, store);
      assert.equal(await reopened.isAlive(instance), false);
      const next = await reopened.acquireLease("k", "two", LONG_MS);
      assert.equal(next.isMine, true);
      assert.ok(next.lease.fence > lease.fence);
    },
  },
  {
    name: "a check finds nothing wrong after everything was done, and counts what there is",
    run: async ({ openStore }) => {
      const store = await openStore();
      await fill(store);
      const report = await store.check({ repair: false });
      assert.deepEqual(report.problems, []);
      assert.equal(report.threads, 3);
      assert.ok(report.messages > 0);
      assert.ok(report.entries >= EVERY_OP.length);
      assert.deepEqual((await store.check({ repair: true })).problems, []);
    },
  },
];

function callsOn(
  store: Store,
  write: Parameters<typeof commitEach>[1][number],
  lease: Parameters<Store["releaseLease"]>[0],
): readonly (() => Promise<unknown>)[] {
  const { key } = write;
  const end = { segment: { threadId: key.id, number: 0 }, position: 1 };
  const chunk = { runId: "r1", messageId: "a", attempt: 1, part: 0, offset: 0 } as const;
  const sha256 = "0".repeat(64);
  const info = { sha256, sizeBytes: 1, mediaType: "text/plain" };
  return [
    () => store.open(),
    () => store.commit([[{ writes: [write] }]]),
    () => store.commitExclusive([key], () => []),
    () => store.loadHeads([key]),
    () => store.loadFacts(key, [{ kind: "message", id: "a" }]),
    () => store.loadThread(EVERYBODY, key.id),
    () => store.loadThreads(EVERYBODY, [key.id]),
    () => store.listThreads(EVERYBODY, { limit: 10 }),
    () => store.readPath(key.tenant, end, { minDepth: 0, maxDepth: 10 }),
    () => store.loadMessages(key, ["a"]),
    () => store.listEntries(key, 0, 10),
    () => store.loadRun(key, "r1"),
    () => store.listRuns(key, { limit: 10 }),
    () => store.listSteps(key, "r1"),
    () => store.listRunnableRuns(),
    () => store.listFeed(EVERYBODY, { after: null, limit: 10 }),
    () => store.feedEnd(key.tenant),
    () => store.appendChunks(key, [{ ...chunk, kind: "text", text: "late" }]),
    () => store.listChunks(key, "a"),
    () => store.putBlob(EVERYBODY, info, new Uint8Array(1)),
    () => store.loadBlob(EVERYBODY, sha256, Date.now()),
    () => store.acquireLease("k", "two", LONG_MS),
    () => store.releaseLease(lease),
    () => store.isAlive("nobody"),
    () => store.check({ repair: false }),
    ...(store.capabilities.search
      ? [() => store.search(EVERYBODY, { text: "late", limit: 10 })]
      : []),
  ];
}

/** Some of everything: every op, a fork, an open message with chunks, a redaction, a deletion, a purge. */
async function fill(store: Store): Promise<void> {
  await commitEach(store, [makeWrite(keyOf("t"), null, EVERY_OP)]);
  const origin = await extend(store, "g", [create("g"), say("g.a", "a unicorn"), say("g.b", "no")]);
  const from = store.capabilities.sharedForks ? originOf(origin) : undefined;
  await extend(store, "f", [create("f", { title: "A fork" }, from), say("f.a", "on its own")]);
  await extend(store, "f", [startRun("f.r"), open("f.b", "f.r", "main")]);
  const text = { runId: "f.r", messageId: "f.b", attempt: 1, part: 0, kind: "text" } as const;
  await store.appendChunks(keyOf("f"), [{ ...text, offset: 0, text: "half an ans" }]);
  await extend(store, "g", [redact("g.b"), { op: "thread.delete", data: {} }]);
  await extend(store, "p", [create("p"), say("p.a", "gone soon")]);
  await extend(store, "p", [{ op: "thread.purge", data: {} }]);
}

async function snapshot(store: Store): Promise<readonly unknown[]> {
  const messageIds = ["m1", "m2", "q1", "q2", "g.a", "g.b", "f.a", "f.b", "p.a"];
  const threads = ["t", "f", "g", "p"].map((id) => everythingAbout(store, id, messageIds));
  const hits = store.capabilities.search
    ? (await store.search(EVERYBODY, { text: "unicorn OR sky", limit: 10 })).hits
    : [];
  return [...(await Promise.all(threads)), hits];
}

async function reopen(context: ConformanceContext, store: Store): Promise<Store> {
  assert.ok(context.reopen !== undefined, "a durable store needs a context that can reopen it");
  return context.reopen(store);
}
