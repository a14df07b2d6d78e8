import { createClient } from "redis";
import { expect, onTestFinished, test } from "vitest";
import { describeServer } from "../../../test/support/servers/describe-server.ts";
import { ownServer } from "../../../test/support/servers/servers.ts";
import { create, EVERYBODY, extend } from "../conformance/fixture.ts";
import type { Store } from "../store.ts";
import { redisStore } from "./redis-store.ts";

async function tell(url: string, ...command: readonly string[]): Promise<void> {
  const client = createClient({ url });
  await client.connect();
  await client.sendCommand(command);
  client.destroy();
}

function opened(url: string): Store {
  const store = redisStore(url);
  onTestFinished(() => store.close());
  return store;
}

await describeServer(
  "redis",
  "a Redis server",
  () => {
    test("that syncs every write and evicts nothing makes a durable store", async () => {
      await using server = await ownServer("redis");
      const store = opened(server.url);
      expect((await store.open()).warnings).toBe(undefined);
      expect(store.capabilities.durable).toBe(true);
    });

    test.each([
      [{ appendfsync: "everysec" }, ["once a second"]],
      [{ appendfsync: "no" }, ["to the system"]],
      [{ appendonly: "no" }, ["keeps nothing on its disk"]],
      [{ appendonly: "no", save: "60 1" }, ["now and then"]],
      [{ "maxmemory-policy": "allkeys-lru" }, ["allkeys-lru"]],
      [
        { appendonly: "no", "maxmemory-policy": "volatile-ttl" },
        ["keeps nothing on its disk", "volatile-ttl"],
      ],
    ])("with %o warns and does not promise durability", async (settings, expected) => {
      await using server = await ownServer("redis", settings);
      const store = opened(server.url);
      const { warnings = [] } = await store.open();
      expect(store.capabilities.durable).toBe(false);
      expect(warnings.length).toBe(expected.length);
      for (const [index, part] of expected.entries()) {
        expect(warnings[index]).toContain(part);
        expect(warnings[index]).toContain("Set ");
      }
    });

    test("whose settings may not be read is not trusted", async () => {
      await using server = await ownServer("redis");
      const rule = ["on", ">pw", "~*", "&*", "+@all", "-config"];
      await tell(server.url, "ACL", "SETUSER", "ann", ...rule);
      const url = new URL(server.url);
      url.username = "ann";
      url.password = "pw";
      const store = opened(url.href);
      const { warnings = [] } = await store.open();
      expect(store.capabilities.durable).toBe(false);
      expect(warnings[0]).toContain("cannot be read");
      await extend(store, "t", [create("t")]);
    });

    test("that may have lost data when it started again gets a new epoch, and refuses old cursors", async () => {
      await using server = await ownServer("redis", { appendfsync: "everysec" });
      const store = opened(server.url);
      const before = await store.open();
      await extend(store, "t", [create("t")]);
      const { cursor } = await store.listFeed(EVERYBODY, { after: null, limit: 10 });
      await server.kill();
      await server.start();
      expect((await store.open()).epoch).not.toBe(before.epoch);
      const reading = store.listFeed(EVERYBODY, { after: cursor, limit: 10 });
      await expect(reading).rejects.toMatchObject({ code: "invalid_cursor" });
    });

    test("that keeps everything keeps its epoch over a start", async () => {
      await using server = await ownServer("redis");
      const store = opened(server.url);
      const before = await store.open();
      const head = await extend(store, "t", [create("t")]);
      const { cursor } = await store.listFeed(EVERYBODY, { after: null, limit: 10 });
      await server.kill();
      await server.start();
      expect(await store.open()).toEqual(before);
      expect(await store.loadThread(EVERYBODY, "t")).toEqual(head);
      const { events } = await store.listFeed(EVERYBODY, { after: cursor, limit: 10 });
      expect(events).toEqual([]);
    });
  },
  { own: true },
);
