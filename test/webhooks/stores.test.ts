import { describe, expect, test } from "vitest";
import { mysqlStore } from "../../src/store/mysql/mysql-store.ts";
import { postgresStore } from "../../src/store/postgres/postgres-store.ts";
import { redisStore } from "../../src/store/redis/redis-store.ts";
import { describeServer } from "../support/servers/describe-server.ts";
import { mariadbUrl, postgresUrl, redisUrl } from "../support/servers/servers.ts";
import { copyStore } from "../../src/store/copy/copy-store.ts";
import { fileStore } from "../../src/store/file/file-store.ts";
import { memoryStore } from "../../src/store/memory/memory-store.ts";
import { sqliteStore } from "../../src/store/sqlite/sqlite-store.ts";
import type { FeedPage, FeedQuery } from "../../src/store/query.ts";
import type { Reader } from "../../src/store/key.ts";
import type { Store } from "../../src/store/store.ts";
import { testFolder } from "../support/test-folder.ts";
import { EndpointStore } from "../../src/webhooks/endpoint-store.ts";
import { newProgress } from "../../src/webhooks/endpoint.ts";
import { say, startSending } from "./fixture.ts";
import { startReceiver } from "./receiver.ts";

/** As of a store that joins what became of a thread and does not know since when. */
function forgetful(): Store {
  const store = memoryStore();
  const listFeed = async (reader: Reader, query: FeedQuery): Promise<FeedPage> => {
    const page = await store.listFeed(reader, query);
    const events = page.events
      .filter(
        ({ threadId }, index, all) => all.findLastIndex((it) => it.threadId === threadId) === index,
      )
      .map(({ since: _since, ...event }) => event);
    return { ...page, events };
  };
  return new Proxy(store, {
    get: (target, name) => {
      if (name === "listFeed") return listFeed;
      const value: unknown = Reflect.get(target, name);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

const { path } = testFolder();

const STORES: Readonly<Record<string, () => Store>> = {
  memory: () => memoryStore(),
  sqlite: () => sqliteStore({ path: path("skein.db") }),
  file: () => fileStore({ path: path("threads") }),
  "a store that knows less": () => forgetful(),
};

describe.each(Object.entries(STORES))("%s", (_name, open) => {
  testGoingOn(async () => open());
});

await describeServer("postgres", "postgres", () =>
  testGoingOn(async () => postgresStore(await postgresUrl())),
);
await describeServer("mariadb", "mariadb", () =>
  testGoingOn(async () => mysqlStore(await mariadbUrl())),
);
await describeServer("redis", "redis", () => testGoingOn(async () => redisStore(await redisUrl())));

function testGoingOn(openStore: () => Promise<Store>): void {
  test("deliveries go on where they stood, and nothing is left out", async () => {
    const store = await openStore();
    await using receiver = await startReceiver();
    await using sending = await startSending({ store });
    const { skein, webhooks } = sending;
    await webhooks.add({ id: "w", url: receiver.url });
    await skein.create({ id: "t" });
    for (let index = 0; index < 30; index++) await say(skein, "t", `word ${index}`);
    await receiver.until(() => receiver.taken.length >= 31);
    await webhooks.stop();
    for (let index = 0; index < 30; index++) await say(skein, "t", `more ${index}`);
    await skein.create({ id: "u" });
    await webhooks.start();
    const expected = 1 + 30 + 30 + 1 + 1;
    await receiver.until(() => new Set(receiver.taken).size >= expected);
    const ofThread = [...new Set(receiver.taken.filter((one) => one.startsWith("t:")))];
    expect(ofThread.map((one) => Number(one.slice(2).split(" ")[0]))).toEqual(
      Array.from({ length: expected - 1 }, (_, index) => index + 1),
    );
    expect(sending.faults).toEqual([]);
  });
}

test("the log of an endpoint does not grow with what is delivered", async () => {
  await using sending = await startSending();
  const { skein, webhooks, store } = sending;
  await webhooks.stop();
  await webhooks.add({ id: "w", url: "http://127.0.0.1:9/" });
  const endpoints = new EndpointStore(skein.as({ tenant: "default~webhooks" }));
  let endpoint = await endpoints.get("w");
  for (let index = 0; index < 2_100; index++)
    endpoint = await endpoints.saveProgress(endpoint, newProgress(null, index));
  expect((await endpoints.get("w")).progress.seenUntil).toBe(2_099);
  const log = await store.listEntries({ tenant: "default~webhooks", id: "w" }, 0, 5_000);
  expect(log.length).toBeLessThan(200);
});

test("in a copy of the store deliveries go on from about where they were", async () => {
  await using receiver = await startReceiver();
  await using sending = await startSending();
  const { skein, webhooks, store } = sending;
  await webhooks.add({ id: "w", url: receiver.url });
  await skein.create({ id: "before" });
  await receiver.until((all) => all.length >= 1);
  await webhooks.stop();
  await skein.create({ id: "meanwhile" });
  const target = memoryStore();
  await copyStore({ from: store, to: target });
  await using copied = await startSending({ store: target });
  await copied.skein.create({ id: "there" });
  await receiver.until(() => receiver.taken.includes("there:1 thread.create"));
  expect(receiver.taken).toContain("meanwhile:1 thread.create");
  expect(copied.faults).toEqual([]);
});
