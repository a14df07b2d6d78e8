import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { layCable } from "../../../test/support/cable.ts";
import type { Cable } from "../../../test/support/cable.ts";
import { describeServer } from "../../../test/support/servers/describe-server.ts";
import { ownServer, redisUrl } from "../../../test/support/servers/servers.ts";
import { commitEach, create, extend, headOf, keyOf, makeWrite } from "../conformance/fixture.ts";
import { open, say } from "../conformance/message-fixture.ts";
import { startRun } from "../conformance/run-fixture.ts";
import type { Store } from "../store.ts";
import { redisStore } from "./redis-store.ts";

const THREADS = 8;
const APPENDS = 125;

function opened(url: string): Store {
  const store = redisStore(url);
  onTestFinished(() => store.close());
  return store;
}

await describeServer(
  "redis",
  "the store on Redis",
  () => {
    test(
      "loses nothing that it acknowledged when the server is killed during 1,000 appends",
      { timeout: 60_000 },
      async () => {
        await using server = await ownServer("redis");
        const store = opened(server.url);
        let acknowledged = 0;
        const append = async (thread: string): Promise<void> => {
          let head = await extend(store, thread, [create(thread)]);
          for (let index = 0; index < APPENDS; index++) {
            head = await extend(store, thread, [say(`${thread}.m${index}`, "hello")]);
            expect(head.branches["main"]?.count).toBe(index + 1);
            acknowledged += 1;
          }
        };
        const appends = Array.from({ length: THREADS }, (_, index) => append(`t${index}`));
        while (acknowledged < 300) await sleep(1);
        await server.kill();
        await sleep(1_000);
        await server.start();
        await Promise.all(appends);
        expect(acknowledged).toBe(THREADS * APPENDS);
        for (let index = 0; index < THREADS; index++)
          expect((await headOf(store, `t${index}`)).version).toBe(APPENDS + 1);
        expect((await store.check({ repair: false })).problems).toEqual([]);
      },
    );

    test("goes on after the server has forgotten its scripts and its data", async () => {
      await using server = await ownServer("redis", { appendonly: "no" });
      const store = opened(server.url);
      await extend(store, "t", [create("t"), startRun("r1")]);
      await server.kill();
      await server.start();
      expect(await store.loadHeads([keyOf("t")])).toEqual([null]);
      await extend(store, "t", [create("t"), startRun("r2")]);
      expect((await store.listRunnableRuns()).map(({ run }) => run.id)).toEqual(["r2"]);
    });
  },
  { own: true },
);

await describeServer("redis", "a call whose answer is lost", () => {
  test("is repeated, and a commit is written once", async () => {
    const cable = await startCable(await redisUrl());
    const store = opened(cable.url);
    const head = await extend(store, "t", [create("t")]);
    const write = makeWrite(keyOf("t"), head, [say("a", "once")], { opId: randomUUID() });
    cable.loseAnswerTo();
    expect(await commitEach(store, [write])).toEqual(["committed"]);
    expect(cable.lost()).toBe(1);
    expect((await headOf(store, "t")).version).toBe(2);
    expect((await store.listEntries(keyOf("t"), 0, 10)).length).toBe(2);
    expect(await commitEach(store, [write])).toEqual(["stale"]);
  });

  test("is repeated when it purged a thread", async () => {
    const cable = await startCable(await redisUrl());
    const store = opened(cable.url);
    const head = await extend(store, "t", [create("t"), say("a", "gone soon")]);
    const write = makeWrite(keyOf("t"), head, [{ op: "thread.purge", data: {} }]);
    cable.loseAnswerTo();
    expect(await commitEach(store, [write])).toEqual(["committed"]);
  });

  test("is told from another writer's commit on the same version", async () => {
    const url = await redisUrl();
    const cable = await startCable(url);
    const [here, there] = [opened(cable.url), opened(url)];
    const head = await extend(here, "t", [create("t")]);
    await extend(there, "t", [say("b", "first")]);
    const write = makeWrite(keyOf("t"), head, [say("a", "late")]);
    cable.loseAnswerTo();
    expect(await commitEach(here, [write])).toEqual(["stale"]);
    expect(await here.loadMessages(keyOf("t"), ["a"])).toEqual([null]);
  });

  test("is repeated when it added chunks, which are there once", async () => {
    const cable = await startCable(await redisUrl());
    const store = opened(cable.url);
    await extend(store, "t", [create("t"), startRun("r1"), open("a", "r1")]);
    const chunk = { runId: "r1", messageId: "a", attempt: 1, part: 0, kind: "text" } as const;
    const chunks = ["one", "two"].map((text, offset) => ({ ...chunk, offset, text }));
    cable.loseAnswerTo();
    await store.appendChunks(keyOf("t"), chunks);
    expect(await store.listChunks(keyOf("t"), "a")).toEqual(chunks);
  });

  test("keeps the fence when it took a lease", async () => {
    const cable = await startCable(await redisUrl());
    const store = opened(cable.url);
    await store.open();
    cable.loseAnswerTo();
    const taken = await store.acquireLease("k", "one", 600_000);
    const again = await store.acquireLease("k", "one", 600_000);
    expect([taken.isMine, again.lease.fence]).toEqual([true, taken.lease.fence]);
  });
});

/** A cable that is taken away after the test. */
async function startCable(url: string): Promise<Cable> {
  const cable = await layCable(url);
  onTestFinished(() => cable[Symbol.asyncDispose]());
  return cable;
}
