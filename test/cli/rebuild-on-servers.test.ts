import { createConnection } from "mysql2/promise";
import { Client } from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { describeServer } from "../support/servers/describe-server.ts";
import { mariadbUrl, postgresUrl } from "../support/servers/servers.ts";
import { createWorkspace } from "./workspace.ts";
import type { Workspace } from "./workspace.ts";

/** What is made of the log, taken away or changed. */
const DAMAGE = [
  "DELETE FROM skein_listing",
  "DELETE FROM skein_step",
  "UPDATE skein_run SET status = 'failed' WHERE ended = 1",
  "DELETE FROM skein_document",
] as const;

let work: Workspace;

beforeAll(async () => {
  work = await createWorkspace();
});

afterAll(() => work[Symbol.asyncDispose]());

async function isRebuilt(url: string, damage: () => Promise<void>): Promise<void> {
  const store = ["--store", url];
  await work.json(["threads", "new", "--id", "t", ...store]);
  const said = await work.skein(["messages", "add", "t", "What time is it?", "--run", ...store]);
  expect(said.code).toBe(0);
  const before = await work.json(["threads", "show", "t", ...store]);
  const steps = await work.json([
    "runs",
    "steps",
    "t",
    before[0]?.["messages"][1].run_id,
    ...store,
  ]);
  await damage();
  const dry = await work.skein(["doctor", "--rebuild", "--dry-run", ...store]);
  expect(dry.code).toBe(1);
  expect(dry.stdout).toContain("t: the steps are not those of the log");
  expect((await work.json(["threads", "list", ...store])).length).toBe(0);
  const done = await work.skein(["doctor", "--rebuild", ...store]);
  expect([done.code, done.stdout]).toEqual([0, expect.stringContaining("made anew from the log")]);
  expect(await work.json(["threads", "show", "t", ...store])).toEqual(before);
  expect(
    await work.json(["runs", "steps", "t", before[0]?.["messages"][1].run_id, ...store]),
  ).toEqual(steps);
  expect((await work.json(["threads", "list", ...store])).map(({ id }) => id)).toEqual(["t"]);
  expect((await work.skein(["threads", "search", "clock", ...store])).stdout).toContain("clock");
  expect((await work.skein(["doctor", ...store])).stdout).not.toContain("not those of the log");
}

await describeServer("postgres", "PostgreSQL", () => {
  test("what is made of the log is found wanting, and made anew", async () => {
    const url = await postgresUrl();
    await isRebuilt(url, async () => {
      const client = new Client({ connectionString: url });
      await client.connect();
      for (const statement of DAMAGE) await client.query(statement);
      await client.end();
    });
  });
});

await describeServer("mariadb", "MariaDB", () => {
  test("what is made of the log is found wanting, and made anew", async () => {
    const url = await mariadbUrl();
    await isRebuilt(url, async () => {
      const connection = await createConnection(url);
      for (const statement of DAMAGE) await connection.query(statement);
      await connection.end();
    });
  });
});
