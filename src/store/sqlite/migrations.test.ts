import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { create, EVERYBODY, extend, keyOf } from "../conformance/fixture.ts";
import { originOf, say } from "../conformance/message-fixture.ts";
import { claimRun, endRun, startRun } from "../conformance/run-fixture.ts";
import { APPLICATION_ID, SCHEMA_VERSION } from "./migrations.ts";
import { SCHEMA_1 } from "./schema.ts";
import { storeFolder } from "./store-folder.test-support.ts";

/** Makes a file of version 1 that has what a newer one has, as far as it has room for it. */
function copyToVersion1(from: string, to: string): void {
  const database = new DatabaseSync(to);
  database.exec(`${SCHEMA_1}; PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = 1`);
  database.prepare("ATTACH ? AS newer").run(from);
  for (const { name } of database
    .prepare("SELECT name FROM main.sqlite_schema WHERE type = 'table' AND name LIKE 'skein_%'")
    .all()) {
    const columns = database
      .prepare("SELECT group_concat(name) AS names FROM pragma_table_info(?, 'main')")
      .get(String(name))?.["names"];
    database.exec(
      `INSERT INTO main.${String(name)} (${String(columns)})
       SELECT ${String(columns)} FROM newer.${String(name)}`,
    );
  }
  database.close();
}

test("a file of version 1 is brought to the newest, and its runs and forks are found", async () => {
  const { file, open } = storeFolder();
  const before = open({ path: file("newer.db") });
  await extend(before, "t", [create("t"), startRun("r1"), claimRun("r1", "w", 1)]);
  await extend(before, "u", [create("u"), startRun("r2"), endRun("r2")]);
  const origin = await extend(before, "o", [create("o"), say("m", "one")]);
  const forkedFrom = { threadId: "o", version: 2, messageId: "m" };
  await extend(before, "f", [create("f", { forkedFrom }, originOf(origin))]);
  await before.close();
  copyToVersion1(file("newer.db"), file());
  const after = open();
  expect((await after.open()).schemaVersion).toBe(SCHEMA_VERSION);
  expect((await after.listRunnableRuns()).map(({ key, run }) => [key, run.id])).toEqual([
    [keyOf("t"), "r1"],
  ]);
  const forks = await after.loadRelatives(EVERYBODY, { ids: [], forksOf: ["o"], limit: 10 });
  expect(forks.map(({ profile }) => profile.id)).toEqual(["f"]);
  await extend(after, "v", [create("v"), startRun("r3", { expiresAt: 5 })]);
  expect((await after.listDueRuns(5, 10)).map(({ run }) => run.id)).toEqual(["r3"]);
  expect((await after.check({ repair: false })).problems).toEqual([]);
});

test("a file of version 1 gets the indexes that a new file has", async () => {
  const { file, open } = storeFolder();
  const before = open({ path: file("newer.db") });
  await extend(before, "t", [create("t")]);
  await before.close();
  copyToVersion1(file("newer.db"), file());
  const after = open();
  await after.open();
  await after.close();
  const [migrated, made] = [file(), file("newer.db")].map((path) => {
    const database = new DatabaseSync(path);
    const indexes = "SELECT name, sql FROM sqlite_schema WHERE type = 'index' ORDER BY name";
    const found = database.prepare(indexes).all();
    database.close();
    return found;
  });
  expect(migrated).toEqual(made);
  expect(migrated).toContainEqual({
    name: "skein_entry_mention",
    sql: expect.stringContaining("op IN (2, 25, 31, 45, 46)"),
  });
});
