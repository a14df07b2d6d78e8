import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout } from "node:timers/promises";
import { createConnection } from "mysql2/promise";
import pg from "pg";
import { createClient } from "redis";
import { expect, test } from "vitest";
import { describeServer } from "./describe-server.ts";
import { ServersOfRun } from "./servers-of-run.ts";
import { mariadbUrl, ownServer, postgresUrl, redisUrl } from "./servers.ts";
import { KEEPER_VARIABLE } from "./start-keeper.ts";

await describeServer("postgres", "PostgreSQL for tests", () => {
  test("is a database of its own for every caller, in UTF-8", async () => {
    const [mine, yours] = await Promise.all([postgresUrl(), postgresUrl()]);
    await queryPostgres(mine, "create table notes (text text)");
    expect(await queryPostgres(yours, "select to_regclass('notes') as it")).toEqual([{ it: null }]);
    expect(await queryPostgres(yours, "show server_encoding")).toEqual([
      { server_encoding: "UTF8" },
    ]);
  });
});

await describeServer("mariadb", "MariaDB for tests", () => {
  test("is a database of its own for every caller, in utf8mb4", async () => {
    const [mine, yours] = await Promise.all([mariadbUrl(), mariadbUrl()]);
    await queryMariadb(mine, "create table notes (text text)");
    expect(await queryMariadb(yours, "show tables")).toEqual([]);
    expect(await queryMariadb(yours, "select @@character_set_database as it")).toEqual([
      { it: "utf8mb4" },
    ]);
  });
});

await describeServer("redis", "Redis for tests", () => {
  test("is an empty database for every caller", async () => {
    const [mine, yours] = await Promise.all([redisUrl(), redisUrl()]);
    expect(mine).not.toBe(yours);
    if (process.env["SKEIN_TEST_REDIS"] !== undefined) return;
    await callRedis(mine, ["SET", "note", "here"]);
    expect(await callRedis(yours, ["DBSIZE"])).toBe(0);
  });
});

await describeServer(
  "postgres",
  "a PostgreSQL of one's own",
  () => {
    test("is killed and starts again at the same place with what was committed", async () => {
      await using server = await ownServer("postgres");
      const url = await server.createDatabase();
      await queryPostgres(url, "create table notes as select 'kept' as text");
      await server.kill();
      await expect(queryPostgres(url, "select 1")).rejects.toThrow(/ECONNREFUSED/);
      await server.start();
      expect(await queryPostgres(url, "select text from notes")).toEqual([{ text: "kept" }]);
    });
  },
  { own: true },
);

await describeServer(
  "mariadb",
  "a MariaDB of one's own",
  () => {
    test("is killed and starts again at the same place with what was committed", async () => {
      await using server = await ownServer("mariadb");
      const url = await server.createDatabase();
      await queryMariadb(url, "create table notes (text text)");
      await queryMariadb(url, "insert into notes values ('kept')");
      await server.kill();
      await expect(queryMariadb(url, "select 1")).rejects.toThrow(/ECONNREFUSED/);
      await server.start();
      expect(await queryMariadb(url, "select text from notes")).toEqual([{ text: "kept" }]);
    });

    test("has the character set that it is asked for", async () => {
      const settings = { character_set_server: "latin1", collation_server: "latin1_swedish_ci" };
      await using server = await ownServer("mariadb", settings);
      const url = await server.createDatabase();
      expect(await queryMariadb(url, "select @@character_set_database as it")).toEqual([
        { it: "latin1" },
      ]);
    });
  },
  { own: true },
);

await describeServer(
  "redis",
  "a Redis of one's own",
  () => {
    test("is killed and starts again with what was acknowledged", async () => {
      await using server = await ownServer("redis");
      await callRedis(server.url, ["SET", "note", "kept"]);
      await server.kill();
      await server.start();
      expect(await callRedis(server.url, ["GET", "note"])).toBe("kept");
    });

    test("forgets when it is told not to write", async () => {
      await using server = await ownServer("redis", { appendonly: "no" });
      await callRedis(server.url, ["SET", "note", "lost"]);
      await server.kill();
      await server.start();
      expect(await callRedis(server.url, ["GET", "note"])).toBe(null);
    });

    test("tells why it does not start", async () => {
      await expect(ownServer("redis", { appendonly: "perhaps" })).rejects.toThrow(/appendonly/);
    });

    test("of somebody else is left as it was", async () => {
      await using server = await ownServer("redis");
      await callRedis(server.url, ["SET", "theirs", "1"]);
      const run = new ServersOfRun(tmpdir(), { SKEIN_TEST_REDIS: server.url });
      const answer = await run.answer({ do: "create-database", kind: "redis" });
      const prefix = new URL(String(answer)).searchParams.get("prefix");
      assert.ok(prefix);
      await callRedis(server.url, ["SET", `${prefix}ours`, "2"]);
      await run.close();
      expect(await callRedis(server.url, ["KEYS", "*"])).toEqual(["theirs"]);
    });

    test("ends with the process that asked for it, even when that is killed", async () => {
      const child = spawn(process.execPath, [join(import.meta.dirname, "own-redis-process.ts")], {
        env: { ...process.env, [KEEPER_VARIABLE]: undefined },
        stdio: ["ignore", "pipe", "inherit"],
      });
      const [line]: string[] = await once(createInterface({ input: child.stdout }), "line");
      const { pid, folder }: { pid: number; folder: string } = JSON.parse(line ?? "");
      expect(existsSync(folder)).toBe(true);
      child.kill("SIGKILL");
      while (isAlive(pid) || existsSync(folder)) await setTimeout(10);
    });
  },
  { own: true },
);

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

async function queryPostgres(url: string, statement: string): Promise<unknown> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(statement)).rows;
  } finally {
    await client.end();
  }
}

async function queryMariadb(url: string, statement: string): Promise<unknown> {
  const connection = await createConnection(url);
  try {
    const [rows] = await connection.query(statement);
    return rows;
  } finally {
    await connection.end();
  }
}

async function callRedis(url: string, command: readonly string[]): Promise<unknown> {
  const client = createClient({ url, socket: { reconnectStrategy: false } });
  await client.connect();
  try {
    return await client.sendCommand([...command]);
  } finally {
    client.destroy();
  }
}
