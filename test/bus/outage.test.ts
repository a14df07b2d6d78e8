import pg from "pg";
import { expect, test } from "vitest";
import { postgresBus } from "../../src/store/postgres/postgres-bus.ts";
import { redisBus } from "../../src/store/redis/redis-bus.ts";
import { describeServer } from "../support/servers/describe-server.ts";
import { ownServer, postgresUrl, redisUrl } from "../support/servers/servers.ts";
import { chunks, commit, listenOn } from "./bus-cases.ts";
import { startDeafProxy } from "./deaf-proxy.ts";

await describeServer(
  "redis",
  "a bus over Redis",
  () => {
    test("while the server is away its subscribers are sent to the log; what was published arrives later", async () => {
      await using redis = await ownServer("redis", { appendonly: "no", save: "" });
      const [here, there] = [redisBus(redis.url), redisBus(redis.url)];
      const heard = listenOn(there);
      await heard.until(() => heard.gaps > 0);
      here.publish(commit("before", 1));
      await heard.until(() => heard.events.length === 1);
      await redis.kill();
      const gaps = heard.gaps;
      await heard.until(() => heard.gaps >= gaps + 3);
      here.publish(commit("during", 1));
      here.publish(commit("during", 2));
      await redis.start();
      const told = (): readonly unknown[] =>
        heard.events.filter(({ threadId }) => threadId === "during");
      await heard.until(() => told().length > 0);
      expect(told()).toEqual([commit("during", 2)]);
      heard.stop();
      await Promise.all([here.close(), there.close()]);
    });

    test("a reader whose connection broke goes on where it was, text included", async () => {
      await using redis = await ownServer("redis");
      const [here, there] = [redisBus(redis.url), redisBus(redis.url)];
      const heard = listenOn(there);
      await heard.until(() => heard.gaps > 0);
      const { createClient } = await import("redis");
      const admin = await createClient({ url: redis.url, RESP: 2 }).connect();
      const gaps = heard.gaps;
      // Those that wait for the stream; whoever tells stays connected or comes back.
      await admin.sendCommand(["CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"]);
      here.publish(chunks("th", 0, "said meanwhile"));
      await heard.until(() => heard.events.length > 0);
      expect(heard.events[0]).toMatchObject({ kind: "chunks", threadId: "th" });
      await heard.until(() => heard.gaps > gaps);
      admin.destroy();
      heard.stop();
      await Promise.all([here.close(), there.close()]);
    });

    test("keeps no text for longer than a minute", async () => {
      const url = await redisUrl();
      const bus = redisBus(url, { prefix: "kept" });
      bus.publish(chunks("th", 0, "short-lived"));
      await bus.close();
      const { createClient } = await import("redis");
      const admin = createClient({ url, RESP: 2 });
      await admin.connect();
      const left = Number(await admin.sendCommand(["PTTL", "kept:live"]));
      expect(left).toBeGreaterThan(0);
      expect(left).toBeLessThanOrEqual(60_000);
      admin.destroy();
    });

    test("a wrong password is told without it", async () => {
      const url = new URL(await redisUrl());
      url.username = "nobody";
      url.password = "wr0ng-secret";
      const bus = redisBus(url.href);
      const refused = bus.open();
      await expect(refused).rejects.toMatchObject({ code: "invalid_request" });
      await expect(refused).rejects.not.toThrow(/wr0ng-secret/);
      await bus.close();
    });
  },
  { own: true },
);

await describeServer("postgres", "a bus over PostgreSQL", () => {
  test("hears again after its connection was ended, and says that it may have missed something", async () => {
    const url = await postgresUrl();
    const [here, there] = [postgresBus(url), postgresBus(url)];
    const heard = listenOn(there);
    await heard.until(() => heard.gaps > 0);
    await here.open();
    const admin = new pg.Client({ connectionString: url });
    await admin.connect();
    const gaps = heard.gaps;
    await admin.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE application_name = 'skein bus' AND datname = current_database()`,
    );
    here.publish(commit("th", 7));
    await heard.until(() => heard.gaps > gaps);
    // Said again until it is heard: whoever listens may come back later than whoever tells.
    await heard.until(() => {
      here.publish(commit("th", 8));
      return heard.events.some((it) => it.kind === "commit" && it.version === 8);
    });
    await admin.end();
    heard.stop();
    await Promise.all([here.close(), there.close()]);
  });

  test("behind a pooler that passes no notifications on, subscribers are sent to the log again and again", async () => {
    await using proxy = await startDeafProxy(await postgresUrl());
    const bus = postgresBus(proxy.url);
    const heard = listenOn(bus);
    await heard.until(() => heard.gaps >= 4);
    expect(heard.events).toEqual([]);
    heard.stop();
    await bus.close();
  });

  test("an address that leads nowhere is told without the password", async () => {
    const bus = postgresBus("postgres://user:s3cret-word@127.0.0.1:1/none");
    const refused = bus.open();
    await expect(refused).rejects.toMatchObject({ code: "store_unavailable" });
    await expect(refused).rejects.not.toThrow(/s3cret-word/);
    expect(bus.name).not.toContain("s3cret-word");
    await bus.close();
  });
});
