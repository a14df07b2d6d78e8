import { setTimeout as sleep } from "node:timers/promises";
import { createClient } from "redis";
import { expect, onTestFinished, test } from "vitest";
import { describeServer } from "../../../test/support/servers/describe-server.ts";
import { ownServer } from "../../../test/support/servers/servers.ts";
import { createEngine } from "../../engine/create-engine.ts";
import { create, extend, keyOf } from "../conformance/fixture.ts";
import { say } from "../conformance/message-fixture.ts";
import { Connection } from "./connection.ts";
import { Reaper } from "./reaper.ts";
import { redisStore } from "./redis-store.ts";
import { parsePlace } from "./redis-url.ts";

await describeServer(
  "redis",
  "a Redis server whose memory is full",
  () => {
    const started = async (): Promise<{
      readonly url: string;
      readonly tell: (...command: readonly string[]) => Promise<unknown>;
    }> => {
      const server = await ownServer("redis");
      const client = createClient({ url: server.url });
      await client.connect();
      onTestFinished(async () => {
        client.destroy();
        await server[Symbol.asyncDispose]();
      });
      const tell = (...command: readonly string[]) => client.sendCommand([...command]);
      return { url: server.url, tell };
    };

    test("still lets threads be deleted, trimmed and read, by new processes too", async () => {
      const { url, tell } = await started();
      const first = createEngine({ store: redisStore(url) });
      onTestFinished(() => first.close());
      for (const id of ["a", "b"])
        await first.create({ id, messages: [{ id: `${id}1`, content: "hello" }] });
      await tell("CONFIG", "SET", "maxmemory", "1");
      const full = { code: "store_full" };
      await expect(first.create({ id: "c" })).rejects.toMatchObject(full);
      await first.delete("a", { purge: true });
      const second = createEngine({ store: redisStore(url) });
      onTestFinished(() => second.close());
      await expect(second.create({ id: "c" })).rejects.toMatchObject(full);
      expect((await second.get("b")).messageCount).toBe(1);
      await second.redact("b", "b1");
      await second.delete("b", { purge: true });
      await tell("CONFIG", "SET", "maxmemory", "0");
      await second.create({ id: "c" });
    });

    test("frees session threads whose time is over", async () => {
      const { url, tell } = await started();
      const store = redisStore(url, { ttl: 50 });
      onTestFinished(() => store.close());
      await extend(store, "s", [create("s"), say("m", "hello")]);
      await tell("CONFIG", "SET", "maxmemory", "1");
      const keys = async (): Promise<number> => Number(await tell("DBSIZE"));
      const before = await keys();
      while ((await store.loadHeads([keyOf("s")]))[0] !== null) await sleep(5);
      const place = parsePlace(url, {});
      const connection = new Connection(place, async () => undefined);
      const { storeId, epoch, schemaVersion } = await store.open();
      const identity = { storeId, epoch, schemaVersion };
      await new Reaper({ place, connection, instance: "reaper", identity: () => identity }).round();
      await connection.close();
      expect(await keys()).toBeLessThan(before - 3);
    });
  },
  { own: true },
);
