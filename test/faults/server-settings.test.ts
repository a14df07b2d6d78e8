import { createConnection } from "mysql2/promise";
import pg from "pg";
import { expect, test } from "vitest";
import { createEngine, textOf } from "../../src/index.ts";
import { mysqlStore } from "../../src/store/mysql/mysql-store.ts";
import { postgresStore } from "../../src/store/postgres/postgres-store.ts";
import type { Store } from "../../src/index.ts";
import { createWorkspace } from "../cli/workspace.ts";
import { describeServer } from "../support/servers/describe-server.ts";
import { mariadbUrl, ownServer, postgresUrl } from "../support/servers/servers.ts";

async function onPostgres(url: string, ...statements: readonly string[]): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  for (const statement of statements) await client.query(statement);
  await client.end();
}

async function onMariadb(url: string, ...statements: readonly string[]): Promise<void> {
  const connection = await createConnection(url);
  for (const statement of statements) await connection.query(statement);
  await connection.end();
}

function databaseOf(url: string): string {
  return new URL(url).pathname.slice(1);
}

/** Opening fails with one sentence, and leaves no table behind. */
async function refusalOf(store: Store): Promise<unknown> {
  const error: unknown = await store.open().catch((caught: unknown) => caught);
  await store.close();
  expect(String(error)).toMatch(/^SkeinError: [^\n]+\.$/u);
  return error;
}

await describeServer("postgres", "a PostgreSQL database", () => {
  test("that stores text in another encoding is refused", async () => {
    const url = new URL(await postgresUrl());
    const name = `${databaseOf(url.href)}_latin1`;
    await onPostgres(
      url.href,
      `CREATE DATABASE ${name} TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C' LOCALE_PROVIDER libc`,
    );
    url.pathname = `/${name}`;
    expect(await refusalOf(postgresStore(url.href))).toMatchObject({
      code: "invalid_request",
      message: expect.stringContaining("LATIN1. Create a database with ENCODING 'UTF8'."),
    });
  });

  test("that is read-only is refused, and may be tried again", async () => {
    const url = await postgresUrl();
    const name = databaseOf(url);
    await onPostgres(url, `ALTER DATABASE ${name} SET default_transaction_read_only = on`);
    expect(await refusalOf(postgresStore(url))).toMatchObject({
      code: "store_unavailable",
      message: expect.stringContaining("takes no writes: it is read-only"),
      retryAfterMs: 1_000,
    });
    const server = new URL(url);
    server.pathname = "/postgres";
    await onPostgres(server.href, `ALTER DATABASE ${name} RESET default_transaction_read_only`);
    const store = postgresStore(url);
    await store.open();
    await store.close();
  });
});

await describeServer("mariadb", "a MariaDB database", () => {
  test("that stores text in another character set is refused, until it is told otherwise", async () => {
    const url = await mariadbUrl();
    const name = databaseOf(url);
    for (const charset of ["latin1", "utf8mb3"]) {
      await onMariadb(url, `ALTER DATABASE ${name} CHARACTER SET ${charset}`);
      expect(await refusalOf(mysqlStore(url))).toMatchObject({
        code: "invalid_request",
        message: expect.stringContaining(
          `stores text as ${charset}. Run ALTER DATABASE \`${name}\` CHARACTER SET utf8mb4.`,
        ),
      });
    }
    await onMariadb(url, `ALTER DATABASE \`${name}\` CHARACTER SET utf8mb4`);
    const store = mysqlStore(url);
    await store.open();
    await store.close();
  });

  test("that compares texts loosely keeps every character and tells all of them apart", async () => {
    const url = await mariadbUrl();
    await onMariadb(url, `ALTER DATABASE ${databaseOf(url)} COLLATE utf8mb4_general_ci`);
    const engine = createEngine({ store: mysqlStore(url) });
    const texts = ["日本語 🧵", "Ärger", "ärger", "arger", "trailing "];
    for (const [index, content] of texts.entries())
      await engine.create({ id: `t${index}`, tags: [content.trim()], messages: [{ content }] });
    for (const [index, text] of texts.entries()) {
      const { messages } = await engine.messages(`t${index}`);
      expect(messages.map(({ parts }) => textOf(parts))).toEqual([text]);
      const { items } = await engine.list({ tag: text.trim() });
      expect(items.map(({ id }) => id)).toEqual([`t${index}`]);
    }
    expect((await engine.check()).problems).toEqual([]);
    await engine.close();
  });
});

await describeServer(
  "mariadb",
  "a MariaDB server",
  () => {
    test("that is read-only, or does not let the user make tables, is refused", async () => {
      await using server = await ownServer("mariadb");
      const url = new URL(await server.createDatabase());
      const name = databaseOf(url.href);
      await onMariadb(
        server.url,
        "CREATE USER weak@'127.0.0.1' IDENTIFIED BY 'pw'",
        `GRANT SELECT ON ${name}.* TO weak@'127.0.0.1'`,
      );
      [url.username, url.password] = ["weak", "pw"];
      expect(await refusalOf(mysqlStore(url.href))).toMatchObject({
        code: "invalid_request",
        message: expect.stringContaining("Grant it the right"),
      });
      await onMariadb(
        server.url,
        `GRANT ALL ON ${name}.* TO weak@'127.0.0.1'`,
        "SET GLOBAL read_only = 1",
      );
      expect(await refusalOf(mysqlStore(url.href))).toMatchObject({
        code: "store_unavailable",
        message: expect.stringContaining("Connect to the primary."),
      });
      await onMariadb(server.url, "SET GLOBAL read_only = 0");
      const store = mysqlStore(url.href);
      await store.open();
      await store.close();
    });
  },
  { own: true },
);

await describeServer(
  "redis",
  "a Redis server without persistence",
  () => {
    test("is told of by the server and by the doctor, without its password", async () => {
      await using server = await ownServer("redis", { appendonly: "no" });
      await using workspace = await createWorkspace();
      const env = { SKEIN_STORE: server.url };
      const started = workspace.start(["serve", "--port", "0"], { env });
      await started.seen(/^Skein is listening on/m);
      const warning = "Redis keeps nothing on its disk: when it restarts, all threads are gone.";
      expect(started.stderr()).toContain(warning);
      started.process.kill("SIGTERM");
      await started.ended;
      const doctor = await workspace.skein(["doctor", "--json"], { env });
      expect(doctor.stdout).toContain(warning);
      const { password } = new URL(server.url);
      for (const said of [started.stdout(), started.stderr(), doctor.stdout, doctor.stderr])
        expect(said).not.toContain(password);
    });
  },
  { own: true },
);
