import { copyFileSync, existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { EVERYBODY, create, extend, headOf } from "../conformance/fixture.ts";
import { redact, say } from "../conformance/message-fixture.ts";
import { startRun } from "../conformance/run-fixture.ts";
import { openWriter } from "./open-connection.ts";
import { APPLICATION_ID, SCHEMA_VERSION, migrate } from "./migrations.ts";
import { storeFolder } from "./store-folder.test-support.ts";

const { file, open } = storeFolder();

test("the file and the folder made for it can be read by their owner only", async () => {
  await open({ path: file("made/deep/skein.db") }).open();
  expect(statSync(file("made/deep")).mode & 0o777).toBe(0o700);
  expect(statSync(file("made/deep/skein.db")).mode & 0o777).toBe(0o600);
});

test("opening again answers the same store", async () => {
  const first = open();
  const info = await first.open();
  await first.close();
  expect(await open().open()).toEqual(info);
  expect(info.schemaVersion).toBe(SCHEMA_VERSION);
});

test("a SQLite file of another program is refused and not touched", async () => {
  const database = new DatabaseSync(file());
  database.exec("CREATE TABLE theirs (x)");
  database.close();
  await expect(open().open()).rejects.toMatchObject({ code: "store_corrupt" });
  const after = new DatabaseSync(file());
  expect(after.prepare("SELECT name FROM sqlite_schema").all()).toMatchObject([{ name: "theirs" }]);
  expect(after.prepare("PRAGMA journal_mode").get()).toMatchObject({ journal_mode: "delete" });
  after.close();
});

test("a file that is not of SQLite is refused", async () => {
  writeFileSync(file(), "This is a letter, and quite a long one, to be sure.".repeat(100));
  await expect(open().open()).rejects.toMatchObject({ code: "store_corrupt" });
});

test("a folder in the place of the file is refused with the path's name", async () => {
  await open({ path: file("folder/skein.db") }).open();
  const refused = open({ path: file("folder") }).open();
  await expect(refused).rejects.toMatchObject({ code: "invalid_request", field: "path" });
});

test("a schema newer than the program is refused with both versions", async () => {
  const store = open();
  await store.open();
  await store.close();
  const database = new DatabaseSync(file());
  database.exec("PRAGMA user_version = 99");
  database.close();
  const opening = open().open();
  await expect(opening).rejects.toMatchObject({
    code: "schema_too_new",
    details: { found: 99, known: SCHEMA_VERSION },
  });
  await expect(opening).rejects.toThrow(/99.*Update Skein/u);
});

test("migrations run in order, each once", () => {
  const connection = openWriter({ path: file(), synchronous: "FULL" });
  const steps = Array.from({ length: SCHEMA_VERSION }, () => "");
  migrate(connection, [...steps, "CREATE TABLE a (x)", "CREATE TABLE b AS SELECT * FROM a"]);
  migrate(connection, [...steps, "CREATE TABLE a (x)", "CREATE TABLE b AS SELECT * FROM a"]);
  expect(connection.value("PRAGMA user_version")).toBe(SCHEMA_VERSION + 2);
  connection.close();
});

test("a migration that fails leaves the file as it was", () => {
  const connection = openWriter({ path: file(), synchronous: "FULL" });
  const steps = Array.from({ length: SCHEMA_VERSION }, () => "");
  expect(() => migrate(connection, [...steps, "CREATE TABLE a (x); nonsense"])).toThrow(
    /nonsense/u,
  );
  expect(connection.value("PRAGMA user_version")).toBe(SCHEMA_VERSION);
  expect(connection.value("SELECT count(*) FROM sqlite_schema WHERE name = 'a'")).toBe(0);
  connection.close();
});

test("the file is marked as a store of Skein", async () => {
  const store = open();
  await store.open();
  await store.close();
  const database = new DatabaseSync(file());
  expect(database.prepare("PRAGMA application_id").get()).toEqual({
    application_id: APPLICATION_ID,
  });
  database.close();
});

test("a store that could not be opened can be opened later", async () => {
  writeFileSync(file(), "not a database, not at all".repeat(100));
  const store = open();
  await expect(store.open()).rejects.toMatchObject({ code: "store_corrupt" });
  writeFileSync(file(), "");
  await expect(store.open()).resolves.toHaveProperty("storeId");
});

test.for([false, true])("with threads %s, every call after close is refused", async (threads) => {
  const store = open({ threads });
  await extend(store, "t", [create("t")]);
  await store.close();
  await store.close();
  for (const call of [store.open(), headOf(store, "t"), store.commit([])])
    await expect(call).rejects.toMatchObject({ code: "store_closed" });
});

test("closing before anything was done makes no file", async () => {
  await open().close();
  expect(existsSync(file())).toBe(false);
});

test("commits that were under way when the store closes are kept", async () => {
  const store = open({ threads: true });
  await store.open();
  const commits = ["a", "b", "c"].map((id) => extend(store, id, [create(id)]));
  await Promise.all(commits);
  const [last] = [extend(store, "a", [say("m", "hello")])];
  await last;
  await store.close();
  expect(await headOf(open(), "a")).toMatchObject({ version: 2 });
});

test("a backup that replaces newer data is another epoch, and its cursors are refused", async () => {
  const store = open();
  await extend(store, "t", [create("t")]);
  const before = await store.open();
  await store.close();
  copyFileSync(file(), file("backup.db"));

  const later = open();
  await extend(later, "t", [say("m", "hello")]);
  const cursor = await later.feedEnd("acme");
  expect(await later.open()).toEqual(before);
  await later.close();
  copyFileSync(file("backup.db"), file());

  const restored = open();
  const after = await restored.open();
  expect(after.storeId).toBe(before.storeId);
  expect(after.epoch).not.toBe(before.epoch);
  await extend(restored, "t", [say("other", "hello")]);
  const feed = restored.listFeed(EVERYBODY, { after: cursor, limit: 1 });
  await expect(feed).rejects.toMatchObject({ code: "invalid_cursor" });
});

test("redacted text is in no file any more once the log was cut", async () => {
  const store = open();
  const secret = "the launch code is 0451";
  await extend(store, "t", [create("t"), say("m", secret)]);
  await extend(store, "t", [redact("m")]);
  await store.search(EVERYBODY, { text: "launch", limit: 1 });
  await store.close();
  const names = ["skein.db", "skein.db-wal", "skein-search.db", "skein-search.db-wal"];
  const holders = names.filter(
    (name) => existsSync(file(name)) && readFileSync(file(name)).includes(secret),
  );
  expect(holders).toEqual([]);
});

test("what was asked and told about a redacted call is in no file any more", async () => {
  const store = open();
  const secret = "the launch code is 0451";
  const asked = {
    id: "a1",
    kind: "approval",
    status: "waiting",
    callId: "c1",
    callMessageId: "m",
    name: "launch",
    prompt: secret,
    data: { arguments: { code: secret } },
    requestedAt: 1,
  } as const;
  const approved = { type: "approve", input: { code: secret } } as const;
  const about = { runId: "r1", actionId: "a1", isDone: false, callMessageId: "m" } as const;
  await extend(store, "t", [
    create("t"),
    startRun("r1"),
    say("m", secret, { role: "assistant" }),
    { op: "approval.request", data: { runId: "r1", action: asked } },
    { op: "approval.decide", data: { ...about, decision: approved } },
  ]);
  await extend(store, "t", [redact("m")]);
  await store.close();
  const names = ["skein.db", "skein.db-wal", "skein-search.db", "skein-search.db-wal"];
  const holders = names.filter(
    (name) => existsSync(file(name)) && readFileSync(file(name)).includes(secret),
  );
  expect(holders).toEqual([]);
});
