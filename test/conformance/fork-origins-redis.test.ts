import { createClient } from "redis";
import { expect, test } from "vitest";
import { create, EVERYBODY, extend, TENANT } from "../../src/store/conformance/fixture.ts";
import { originOf, say } from "../../src/store/conformance/message-fixture.ts";
import { tenantKeys } from "../../src/store/redis/names.ts";
import { redisStore } from "../../src/store/redis/redis-store.ts";
import { parsePlace } from "../../src/store/redis/redis-url.ts";
import { describeServer } from "../support/servers/describe-server.ts";
import { redisUrl } from "../support/servers/servers.ts";

await describeServer("redis", "Redis", () => {
  test("a fork that is not among those of its origin is found wanting, and put there", async () => {
    const url = await redisUrl();
    const store = redisStore(url);
    const origin = await extend(store, "o", [create("o"), say("m", "one")]);
    const forkedFrom = { threadId: "o", version: 2, messageId: "m" };
    await extend(store, "f", [create("f", { forkedFrom }, originOf(origin))]);
    const place = parsePlace(url, {});
    const client = createClient({ url });
    await client.connect();
    expect(await client.del(`${tenantKeys(place.prefix, TENANT)}fo:o`)).toBe(1);
    await client.close();
    const forks = { ids: [], forksOf: ["o"], limit: 10 };
    expect(await store.loadRelatives(EVERYBODY, forks)).toEqual([]);
    const { problems } = await store.check({ repair: true });
    expect(problems.map(({ threadId, repaired }) => [threadId, repaired])).toEqual([["f", true]]);
    const found = await store.loadRelatives(EVERYBODY, forks);
    expect(found.map(({ profile }) => profile.id)).toEqual(["f"]);
    await store.close();
  });
});
