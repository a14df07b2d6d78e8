import { createClient } from "redis";
import { expect, onTestFinished, test } from "vitest";
import { describeServer } from "../../../test/support/servers/describe-server.ts";
import { ownServer } from "../../../test/support/servers/servers.ts";
import { commitEach, create, EVERYBODY, extend, keyOf, makeWrite } from "../conformance/fixture.ts";
import { say } from "../conformance/message-fixture.ts";
import type { Store } from "../store.ts";
import { redisStore } from "./redis-store.ts";

const SECRET = "s3cret";

function opened(url: string): Store {
  const store = redisStore(url);
  onTestFinished(() => store.close());
  return store;
}

async function tell(url: string, ...command: readonly string[]): Promise<void> {
  const client = createClient({ url });
  await client.connect();
  await client.sendCommand(command);
  client.destroy();
}

/** Proves that opening is refused with one sentence that has no secret, not even in what it hides. */
async function refusalOf(url: string): Promise<unknown> {
  const error: unknown = await opened(url)
    .open()
    .catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(Error);
  expect(JSON.stringify([error, String(error), Object(error).stack])).not.toContain(SECRET);
  return error;
}

test("a server that does not answer is named", async () => {
  const error = await refusalOf(`redis://user:${SECRET}@127.0.0.1:1/0`);
  expect(error).toMatchObject({
    code: "store_unavailable",
    message:
      "redis 127.0.0.1:1/0 does not answer (ECONNREFUSED). Start it, or correct the address of the store.",
  });
});

test("a store that is not open yet says what it can do, and refuses to search", async () => {
  const store = redisStore(`redis://user:${SECRET}@127.0.0.1:1/0`);
  expect(store.name).toBe("redis 127.0.0.1:1/0");
  expect(store.capabilities).toMatchObject({ durable: false, search: false, multiProcess: true });
  await expect(store.search(EVERYBODY, { text: "x", limit: 1 })).rejects.toMatchObject({
    code: "unsupported_capability",
  });
  await store.close();
  await expect(store.open()).rejects.toMatchObject({ code: "store_closed" });
});

await describeServer(
  "redis",
  "a Redis server",
  () => {
    test("says no to a wrong password, and to none", async () => {
      await using server = await ownServer("redis");
      const wrong = new URL(server.url);
      wrong.password = SECRET;
      const none = new URL(server.url);
      [none.username, none.password] = ["", ""];
      for (const url of [wrong, none])
        expect(await refusalOf(url.href)).toMatchObject({
          code: "invalid_request",
          field: "store",
          message: expect.stringContaining("refuses the user or the password. Check them"),
        });
    });

    test("says no to a user who may not write, and to a database that it does not have", async () => {
      await using server = await ownServer("redis", { databases: "4" });
      await tell(
        server.url,
        "ACL",
        "SETUSER",
        "ann",
        "on",
        `>${SECRET}`,
        "~*",
        "+@read",
        "+@connection",
      );
      const weak = new URL(server.url);
      [weak.username, weak.password] = ["ann", SECRET];
      expect(await refusalOf(weak.href)).toMatchObject({ code: "invalid_request", field: "store" });
      const beyond = new URL(server.url);
      beyond.pathname = "/9";
      expect(await refusalOf(beyond.href)).toMatchObject({
        code: "invalid_request",
        message: expect.stringContaining("has no database of this number"),
      });
    });

    test("with data of a newer program is left as it is", async () => {
      await using server = await ownServer("redis");
      const store = opened(server.url);
      const { schemaVersion } = await store.open();
      await store.close();
      await tell(server.url, "HSET", "skein:{#}:meta", "schema", String(schemaVersion + 1));
      expect(await refusalOf(server.url)).toMatchObject({ code: "schema_too_new" });
    });

    test("in which others wrote over a thread says so, by the place of the server only", async () => {
      await using server = await ownServer("redis");
      const store = opened(server.url);
      await extend(store, "t", [create("t"), say("a", "hello")]);
      const client = createClient({ url: server.url });
      await client.connect();
      for (const key of await client.keys("*"))
        if ((await client.type(key)) !== "string" && !key.endsWith(":meta"))
          await client.set(key, "something else");
      client.destroy();
      await expect(store.loadHeads([keyOf("t")])).rejects.toMatchObject({
        code: "store_corrupt",
        message: expect.stringContaining("Give the store a prefix of its own."),
      });
    });

    test("that is a replica takes no writes, and says so", async () => {
      await using server = await ownServer("redis", { replicaof: "127.0.0.1 1" });
      expect(await refusalOf(server.url)).toMatchObject({
        code: "store_unavailable",
        message: expect.stringContaining("Connect to the primary"),
      });
    });

    test("without memory writes nothing by halves, and still lets read", async () => {
      await using server = await ownServer("redis");
      const store = opened(server.url);
      const head = await extend(store, "t", [create("t"), say("a", "hello")]);
      await tell(server.url, "CONFIG", "SET", "maxmemory", "1");
      const writes = ["t", "u"].map((id) =>
        makeWrite(keyOf(id), id === "t" ? head : null, [
          id === "t" ? say("b", "more") : create("u"),
        ]),
      );
      await expect(commitEach(store, writes)).rejects.toMatchObject({
        code: "store_full",
        message: expect.stringContaining("Raise maxmemory"),
      });
      expect(await store.loadHeads([keyOf("t"), keyOf("u")])).toEqual([head, null]);
      expect(await store.loadMessages(keyOf("t"), ["b"])).toEqual([null]);
      await tell(server.url, "CONFIG", "SET", "maxmemory", "0");
      expect(await commitEach(store, writes)).toEqual(["committed", "committed"]);
    });
  },
  { own: true },
);
