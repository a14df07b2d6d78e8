import { createConnection } from "mysql2/promise";
import { Client } from "pg";
import { expect, test } from "vitest";
import { create, EVERYBODY, extend } from "../../src/store/conformance/fixture.ts";
import { originOf, say } from "../../src/store/conformance/message-fixture.ts";
import { mysqlStore } from "../../src/store/mysql/mysql-store.ts";
import { mysqlTypes } from "../../src/store/mysql/schema-types.ts";
import { postgresStore } from "../../src/store/postgres/postgres-store.ts";
import { postgresTypes } from "../../src/store/postgres/schema-types.ts";
import { schema3 } from "../../src/store/sql/schema.ts";
import type { Store } from "../../src/store/store.ts";
import { describeServer } from "../support/servers/describe-server.ts";
import { mariadbUrl, postgresUrl } from "../support/servers/servers.ts";

const FORGET = "UPDATE skein_thread SET forked_from = NULL";
const FORKS = { ids: [], forksOf: ["o"], limit: 10 };

/** Forks of a database that did not note their origins are found once it is migrated; and repaired where a note is lost. */
async function isFound(open: () => Store, run: (sql: string) => Promise<void>, fill: string) {
  const found = async (store: Store): Promise<readonly string[]> =>
    (await store.loadRelatives(EVERYBODY, FORKS)).map(({ profile }) => profile.id);
  const store = open();
  const metadata = { said: 'a "quoted" \u0001 thing', forkedFrom: "not this" };
  const origin = await extend(store, "o", [create("o", { metadata }), say("m", "one")]);
  const forkedFrom = { threadId: "o", version: 2, messageId: "m" };
  await extend(store, "f", [create("f", { metadata, forkedFrom }, originOf(origin))]);
  await run(FORGET);
  expect(await found(store)).toEqual([]);
  await run(fill);
  expect(await found(store)).toEqual(["f"]);
  expect((await store.check({ repair: false })).problems).toEqual([]);
  await run(FORGET);
  const { problems } = await store.check({ repair: true });
  expect(problems.map(({ threadId, repaired }) => [threadId, repaired])).toEqual([["f", true]]);
  expect(await found(store)).toEqual(["f"]);
  await store.close();
}

await describeServer("postgres", "PostgreSQL", () => {
  test("forks that were made before their origins were noted are found", async () => {
    const url = await postgresUrl();
    const client = new Client({ connectionString: url });
    await client.connect();
    const run = async (sql: string): Promise<void> => void (await client.query(sql));
    await isFound(() => postgresStore(url), run, schema3(postgresTypes)[1] ?? "");
    await client.end();
  });
});

await describeServer("mariadb", "MariaDB", () => {
  test("forks that were made before their origins were noted are found", async () => {
    const url = await mariadbUrl();
    const client = await createConnection(url);
    const run = async (sql: string): Promise<void> => void (await client.query(sql));
    const fill = schema3(mysqlTypes("utf8mb4_nopad_bin"))[1] ?? "";
    await isFound(() => mysqlStore(url), run, fill);
    await client.end();
  });
});
