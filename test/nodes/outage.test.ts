import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { expect, test } from "vitest";
import { describeServer } from "../support/servers/describe-server.ts";
import { mariadbUrl, ownServer, postgresUrl } from "../support/servers/servers.ts";
import { startTwoNodes } from "./two-nodes.ts";

const MESSAGES = 90;
const AWAY_MS = 1_500;

await describeServer("postgres", "when PostgreSQL ends the connections that listen", () => {
  test("clients of two servers miss nothing", async () => {
    const store = await postgresUrl();
    await using nodes = await startTwoNodes({ store });
    const admin = new pg.Client({ connectionString: store });
    await admin.connect();
    let ended = 0;
    const endListeners = async (): Promise<void> => {
      const { rows } = await admin.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE application_name = 'skein bus' AND datname = current_database()`,
      );
      ended += rows.length;
    };
    await nodes.write(1, MESSAGES / 3);
    await endListeners();
    await nodes.write(MESSAGES / 3 + 1, (MESSAGES / 3) * 2);
    // The bus is there again by now, or soon.
    await sleep(300);
    await endListeners();
    await nodes.write((MESSAGES / 3) * 2 + 1, MESSAGES);
    await nodes.expectAll(MESSAGES);
    await admin.end();
    expect(ended).toBeGreaterThanOrEqual(3);
  });
});

await describeServer(
  "redis",
  "when Redis is killed and started again",
  async () => {
    test("clients of two servers that keep their threads there miss nothing", async () => {
      await using redis = await ownServer("redis", { appendfsync: "always" });
      await using nodes = await startTwoNodes({ store: redis.url });
      await nodes.write(1, MESSAGES / 3);
      await redis.kill();
      const writing = nodes.write(MESSAGES / 3 + 1, (MESSAGES / 3) * 2);
      await sleep(AWAY_MS);
      await redis.start();
      await writing;
      await nodes.write((MESSAGES / 3) * 2 + 1, MESSAGES);
      await nodes.expectAll(MESSAGES);
    });

    await describeServer("mariadb", "and threads are in MariaDB", () => {
      test("clients of two servers that hear of one another there miss nothing", async () => {
        await using redis = await ownServer("redis", { appendonly: "no", save: "" });
        await using nodes = await startTwoNodes({ store: await mariadbUrl(), bus: redis.url });
        await nodes.write(1, MESSAGES / 3);
        await redis.kill();
        await nodes.write(MESSAGES / 3 + 1, (MESSAGES / 3) * 2);
        // Told to nobody, and seen all the same.
        await nodes.expectAll((MESSAGES / 3) * 2);
        // Without its data: the stream counts anew.
        await redis.start();
        await nodes.write((MESSAGES / 3) * 2 + 1, MESSAGES);
        await nodes.expectAll(MESSAGES);
      });
    });
  },
  { own: true },
);
