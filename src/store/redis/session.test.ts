import { setTimeout as sleep } from "node:timers/promises";
import { createClient } from "redis";
import { expect, onTestFinished, test } from "vitest";
import { describeServer } from "../../../test/support/servers/describe-server.ts";
import { redisUrl } from "../../../test/support/servers/servers.ts";
import {
  commitEach,
  create,
  EVERYBODY,
  extend,
  headOf,
  keyOf,
  makeWrite,
  reader,
  TENANT,
} from "../conformance/fixture.ts";
import { endOf, open, originOf, say } from "../conformance/message-fixture.ts";
import { newStep, startRun } from "../conformance/run-fixture.ts";
import type { Store } from "../store.ts";
import { redisStore } from "./redis-store.ts";

const SHORT_MS = 40;
const WHOLE = { minDepth: 0, maxDepth: Number.MAX_SAFE_INTEGER } as const;
const OPERATION = { user: "alice", opId: "key-1", digest: "abc" } as const;

function opened(url: string, ttl?: number | string): Store {
  const store = redisStore(url, ttl === undefined ? {} : { ttl });
  onTestFinished(() => store.close());
  return store;
}

/** A session thread with something of everything. */
async function fill(store: Store): Promise<void> {
  await extend(
    store,
    "s",
    [
      create("s", { members: { bob: "viewer" }, tags: ["red"] }),
      say("mine", "hello"),
      startRun("r1"),
      { op: "step.start", data: { step: newStep("s1", "r1") } },
      open("o", "r1"),
    ],
    { givenIds: ["mine"], operation: OPERATION },
  );
  await store.appendChunks(keyOf("s"), [
    { runId: "r1", messageId: "o", attempt: 1, part: 0, kind: "text", offset: 0, text: "so" },
  ]);
}

/** Waits on the server's clock, which is this machine's. */
async function untilOver(store: Store, id: string): Promise<void> {
  while ((await store.loadHeads([keyOf(id)]))[0] !== null) await sleep(5);
}

async function keysOf(url: string): Promise<readonly string[]> {
  const client = createClient({ url });
  await client.connect();
  const keys: string[] = [];
  for await (const page of client.scanIterator()) keys.push(...page);
  client.destroy();
  return keys.toSorted();
}

await describeServer("redis", "a session thread on Redis", () => {
  test("is nowhere any more when its time is over", async () => {
    const store = opened(await redisUrl(), SHORT_MS);
    await fill(store);
    await untilOver(store, "s");
    for (const who of [EVERYBODY, reader("alice"), reader("bob")]) {
      expect(await store.loadThread(who, "s")).toBe(null);
      expect(await store.listThreads(who, { limit: 10 })).toEqual({ threads: [] });
      expect((await store.listFeed(who, { after: null, limit: 10 })).events).toEqual([]);
    }
    const key = keyOf("s");
    expect(await store.loadMessages(key, ["mine", "o"])).toEqual([null, null]);
    expect(await store.listEntries(key, 0, 10)).toEqual([]);
    expect(await store.listRuns(key, { limit: 10 })).toEqual([]);
    expect(await store.loadRun(key, "r1")).toBe(null);
    expect(await store.listSteps(key, "r1")).toEqual([]);
    expect(await store.listChunks(key, "o")).toEqual([]);
    expect(await store.threadOfRun(TENANT, "r1")).toBe(null);
    expect(await store.listRunnableRuns()).toEqual([]);
    const facts = await store.loadFacts(key, [
      { kind: "given", ids: ["mine"] },
      { kind: "operation", user: "alice", opId: "key-1" },
      { kind: "message", id: "mine" },
    ]);
    expect(facts).toEqual({ messages: { mine: null }, given: { mine: null }, operation: null });
  });

  test("leaves its id, and all that it held, to a new one", async () => {
    const store = opened(await redisUrl(), SHORT_MS);
    await fill(store);
    await untilOver(store, "s");
    const lasting = { givenIds: ["mine"], operation: OPERATION };
    const write = makeWrite(keyOf("t"), null, [create("t"), say("mine", "new")], lasting);
    expect(await commitEach(store, [write])).toEqual(["committed"]);
    const head = await extend(store, "s", [create("s", { title: "Again" })]);
    expect(head.version).toBe(1);
    expect(await store.listEntries(keyOf("s"), 0, 10)).toHaveLength(1);
  });

  test("is removed from the server, lists and feed included, without anybody asking for it", async () => {
    const url = await redisUrl();
    const store = opened(url, SHORT_MS);
    await fill(store);
    const before = await keysOf(url);
    expect(before.some((key) => key.endsWith(":s"))).toBe(true);
    await untilOver(store, "s");
    // The next commit sweeps up.
    await extend(opened(url), "lasting", [create("lasting")]);
    await extend(opened(url), "lasting", [{ op: "thread.purge", data: {} }]);
    const left = (await keysOf(url)).filter((key) => !key.includes("{#}"));
    expect(left.map((key) => key.replace(/^.*\}:/u, "")).toSorted()).toEqual([
      "h:lasting",
      "made",
      "seq",
      "threads",
    ]);
    expect((await store.check({ repair: false })).problems).toEqual([]);
  });

  test("lives on with every change, and only its own time counts", async () => {
    const url = await redisUrl();
    const [short, long, lasting] = [opened(url, SHORT_MS), opened(url, "1h"), opened(url)];
    await extend(long, "long", [create("long")]);
    await extend(lasting, "lasting", [create("lasting")]);
    await extend(short, "short", [create("short")]);
    // Whoever writes: the thread keeps the time that it was made with.
    await extend(short, "long", [say("a", "more")]);
    await extend(short, "lasting", [say("b", "more")]);
    await untilOver(short, "short");
    const { threads } = await short.listThreads(EVERYBODY, { limit: 10 });
    expect(threads.map(({ id }) => id).toSorted()).toEqual(["lasting", "long"]);
  });

  test("is still shown by the fork that includes it, and goes with that fork", async () => {
    const url = await redisUrl();
    const [short, lasting] = [opened(url, SHORT_MS), opened(url)];
    const origin = await extend(short, "s", [create("s"), say("a", "one"), say("b", "two")]);
    const fork = await extend(lasting, "f", [create("f", {}, originOf(origin)), say("x", "mine")]);
    await extend(short, "s", [say("c", "not included")]);
    while ((await short.loadThread(EVERYBODY, "s")) !== null) await sleep(5);
    await extend(lasting, "f", [say("y", "and on")]);
    const path = async (): Promise<readonly string[]> =>
      (await lasting.readPath(TENANT, endOf(await headOf(lasting, "f")), WHOLE)).map(
        ({ id }) => id,
      );
    expect(await path()).toEqual(["a", "b", "x", "y"]);
    expect((await lasting.listThreads(EVERYBODY, { limit: 10 })).threads).toHaveLength(1);
    const again = makeWrite(keyOf("s"), null, [create("s")]);
    expect(await commitEach(lasting, [again])).toEqual(["stale"]);
    expect((await headOf(lasting, "s")).profile.purgedAt).not.toBe(null);
    expect((await lasting.check({ repair: false })).problems).toEqual([]);
    await extend(lasting, "f", [{ op: "thread.purge", data: {} }]);
    expect(await lasting.readPath(TENANT, endOf(fork), WHOLE)).toEqual([]);
    expect((await keysOf(url)).filter((key) => /:[lm]:/u.test(key))).toEqual([]);
  });
});
