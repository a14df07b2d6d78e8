import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { create, extend, keyOf, makeWrite } from "../../src/store/conformance/fixture.ts";
import { say } from "../../src/store/conformance/message-fixture.ts";
import { sqliteStore } from "../../src/store/sqlite/sqlite-store.ts";
import type { Chain } from "../../src/store/store.ts";
import { describeServer } from "../support/servers/describe-server.ts";
import { mariadbUrl, postgresUrl, redisUrl } from "../support/servers/servers.ts";
import { createWorkspace } from "./workspace.ts";
import type { Workspace } from "./workspace.ts";

let work: Workspace;

beforeAll(async () => {
  work = await createWorkspace();
  await writeFile(join(work.directory, "cat.png"), "not really a cat");
  const at = ["--store", "sqlite:a.db"];
  await work.json(["threads", "new", "--id", "t", "--title", "Moving", ...at]);
  await work.json(["messages", "add", "t", "hello", "--file", "cat.png", ...at]);
  await work.json(["messages", "add", "t", "and there", "--run", ...at]);
  await work.json(["threads", "fork", "t", "--id", "f", ...at]);
  await work.json(["threads", "new", "--id", "gone", ...at]);
  await work.json(["threads", "purge", "gone", "--yes", ...at]);
});

afterAll(() => work[Symbol.asyncDispose]());

describe("skein copy", () => {
  test("brings all threads, compares them, and the second time has nothing to do", async () => {
    const args = ["copy", "--from", "sqlite:a.db", "--to", "file:b"];
    const first = await work.skein(args);
    expect(first.stderr).toBe("");
    expect(first.code).toBe(0);
    expect(first.stdout).toMatch(/^Copied 3 threads of 3: \d+ entries, 1 file\.\nCompared 3 /u);
    const [again] = await work.json(args);
    expect(again).toMatchObject({
      threads: 3,
      copied: { threads: 0, entries: 0, blobs: 0 },
      verified: { blobs: 1, behind: 0 },
      problems: [],
    });
    const shown = await work.skein(["threads", "show", "f", "--store", "file:b"]);
    expect(shown.stdout).toContain("and there");
  });

  test("brings what came since, and says what the target lacks until then", async () => {
    await work.skein(["copy", "--from", "sqlite:a.db", "--to", "sqlite:since.db"]);
    await work.json(["messages", "add", "t", "one more", "--store", "sqlite:a.db"]);
    const args = ["copy", "--from", "sqlite:a.db", "--to", "sqlite:since.db"];
    const [behind] = await work.json([...args, "--verify"]);
    expect(behind).toMatchObject({ verified: { behind: 1 }, problems: [] });
    expect((await work.json(args))[0]).toMatchObject({ copied: { threads: 1, entries: 1 } });
  });

  test("refuses a thread that was changed in the target, and brings the others", async () => {
    await work.skein(["copy", "--from", "sqlite:a.db", "--to", "sqlite:changed.db"]);
    await work.json(["messages", "add", "t", "mine", "--store", "sqlite:changed.db"]);
    await work.json(["threads", "new", "--id", "later", "--store", "sqlite:a.db"]);
    const done = await work.skein(["copy", "--from", "sqlite:a.db", "--to", "sqlite:changed.db"]);
    expect(done.code).toBe(1);
    expect(done.stdout).toContain("default/t: The target has it at version");
    expect(done.stdout).toContain("Copied 1 thread of 4");
  });

  test("notices what was lost in the target", async () => {
    await work.skein(["copy", "--from", "sqlite:a.db", "--to", "file:lost"]);
    const target = sqliteStore({ path: join(work.directory, "other.db") });
    await extend(target, { tenant: "default", id: "t" }, [create("t", { tenant: "default" })]);
    await target.close();
    const found = await work.skein([
      "copy",
      "--from",
      "sqlite:a.db",
      "--to",
      "sqlite:other.db",
      "--verify",
    ]);
    expect(found.code).toBe(1);
    expect(found.stdout).toContain("default/t: Its log differs.");
    expect(found.stdout).toContain("default/f: It is missing in the target.");
  });

  test("goes on where it was killed, and brings nothing twice", async () => {
    const path = join(work.directory, "many.db");
    const store = sqliteStore({ path, synchronous: "NORMAL" });
    const chains = Array.from({ length: 2_000 }, (_none, index): Chain => {
      const id = `m${index}`;
      return [{ writes: [makeWrite(keyOf(id), null, [create(id), say(`${id}.a`, "hello")])] }];
    });
    await store.commit(chains);
    await store.close();
    const args = ["copy", "--from", "sqlite:many.db", "--to", "sqlite:target.db"];
    const started = work.start(args);
    await started.seen(/Copying: 1000 threads/u);
    started.process.kill("SIGKILL");
    expect((await started.ended).code).toBeNull();
    const [report] = await work.json(args);
    expect(report).toMatchObject({ threads: 2_000, verified: { entries: 4_000 }, problems: [] });
    expect(report?.["copied"].threads).toBeLessThanOrEqual(1_000);
    expect(report?.["copied"].threads).toBeGreaterThan(0);
  });

  test("refuses a source that is not there, and a target to compare with, and makes neither", async () => {
    for (const scheme of ["sqlite", "file"]) {
      const mistyped = `${scheme}:mistyped/a.db`;
      for (const [from, to, ...verify] of [
        [mistyped, `${scheme}:made/a.db`],
        ["sqlite:a.db", mistyped, "--verify"],
      ] as const) {
        const refused = await work.skein(["copy", "--from", from, "--to", to, ...verify]);
        expect(refused).toMatchObject({ code: 2, stdout: "" });
        expect(refused.stderr).toContain(`there is no store at ${mistyped}.`);
      }
    }
    const there = await readdir(work.directory);
    expect(there.filter((name) => name === "mistyped" || name === "made")).toEqual([]);
  });

  test("needs two stores that are not the same, and not in memory", async () => {
    const a = "sqlite:a.db";
    for (const [from, to] of [
      [a, a],
      [a, "memory:"],
      ["memory:", a],
      [a, ""],
      ["sqlite:", a],
      [a, "ftp://host"],
    ] as const)
      expect(await work.skein(["copy", `--from=${from}`, `--to=${to}`])).toMatchObject({ code: 2 });
  });
});

describe("skein migrate", () => {
  test("tells of a store that is not there, makes it, and tells that it is up to date", async () => {
    for (const store of ["sqlite:new.db", "file:new"]) {
      const before = await work.skein(["migrate", "status", "--store", store]);
      expect(before).toMatchObject({ code: 1 });
      const [, known = ""] = /: found 0, known (\d+);/.exec(before.stdout) ?? [];
      expect(before.stdout).toBe(
        `${store}: found 0, known ${known}; ${known} pending. Run skein migrate up.\n`,
      );
      const made = await work.skein(["migrate", "up", "--store", store]);
      const done = `${store}: found ${known}, known ${known}; up to date.\n`;
      expect(made).toMatchObject({ code: 0, stdout: done });
      const [after] = await work.json(["migrate", "status", "--store", store]);
      const version = Number(known);
      expect(after).toEqual({ store, found: version, known: version, pending: 0 });
    }
  });

  test("tells of a store that a newer version wrote, and leaves it alone", async () => {
    const path = join(work.directory, "newer.db");
    await work.skein(["migrate", "up", "--store", "sqlite:newer.db"]);
    const { DatabaseSync } = await import("node:sqlite");
    const database = new DatabaseSync(path);
    database.exec("PRAGMA user_version = 700");
    database.close();
    const found = await work.skein(["migrate", "status", "--store", "sqlite:newer.db", "--json"]);
    expect(found.code).toBe(1);
    expect(JSON.parse(found.stdout)).toMatchObject({ found: 700, pending: 0 });
    const refused = await work.skein(["migrate", "up", "--store", "sqlite:newer.db"]);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain("schema version 700");
  });

  test("has nothing to do in memory", async () => {
    const done = await work.skein(["migrate", "status", "--store", "memory:"]);
    expect(done).toMatchObject({ code: 0, stdout: "memory: has no schema.\n" });
  });

  test("ten processes that open one new file at once migrate it once", () =>
    tenAtOnce("sqlite:ten.db"));
});

describe("skein doctor --rebuild", () => {
  test("says what differs from the log, puts it right, and makes the search index anew", async () => {
    const store = ["--store", "sqlite:a.db"];
    const { DatabaseSync } = await import("node:sqlite");
    const database = new DatabaseSync(join(work.directory, "a.db"));
    database.exec("DELETE FROM skein_listing; DELETE FROM skein_step");
    database.close();
    const dry = await work.skein(["doctor", "--rebuild", "--dry-run", ...store]);
    expect(dry.code).toBe(1);
    expect(dry.stdout).toContain("t: the steps are not those of the log");
    expect(dry.stdout).toContain("the thread is not in the lists of those who may see it");
    const cautious = ["doctor", "--repair", "--rebuild", "--dry-run", ...store];
    for (const _twice of [1, 2])
      expect((await work.skein(cautious)).stdout).toContain("the steps are not those of the log");
    const done = await work.skein(["doctor", "--rebuild", ...store]);
    expect(done.code).toBe(0);
    expect(done.stdout).toContain("made anew from the log");
    const after = await work.skein(["doctor", ...store]);
    expect(after.code).toBe(0);
    expect(after.stdout).not.toContain("repaired");
    const found = await work.skein(["threads", "search", "hello", ...store]);
    expect(found.stdout).toContain("hello");
    expect((await work.skein(["doctor", "--dry-run", ...store])).code).toBe(2);
  });
});

await describeServer("postgres", "PostgreSQL", () => {
  test("ten processes that open one new database at once migrate it once", async () =>
    tenAtOnce(await postgresUrl()));
  test("takes all threads of a file", async () => takesAll(await postgresUrl()));
});

await describeServer("mariadb", "MariaDB", () => {
  test("ten processes that open one new database at once migrate it once", async () =>
    tenAtOnce(await mariadbUrl()));
  test("takes all threads of a file", async () => takesAll(await mariadbUrl()));
});

await describeServer("redis", "Redis", () => {
  test("takes all threads of a file", async () => takesAll(await redisUrl()));
});

async function tenAtOnce(store: string): Promise<void> {
  const before = await work.skein(["migrate", "status", "--store", store, "--json"]);
  const { found, known } = JSON.parse(before.stdout);
  expect(found).toBe(0);
  const runs = Array.from({ length: 10 }, () => work.skein(["migrate", "up", "--store", store]));
  const ends = await Promise.all(runs);
  expect(ends.map(({ code, stderr }) => [code, stderr])).toEqual(ends.map(() => [0, ""]));
  const after = await work.json(["migrate", "status", "--store", store]);
  expect(after[0]).toMatchObject({ found: known, pending: 0 });
  await work.json(["threads", "new", "--id", "first", "--store", store]);
}

/** There and back again. */
async function takesAll(store: string): Promise<void> {
  const [there] = await work.json(["copy", "--from", "sqlite:a.db", "--to", store]);
  expect(there).toMatchObject({ problems: [] });
  expect(there?.["copied"].threads).toBe(there?.["threads"]);
  const state = await work.json(["migrate", "status", "--store", store]);
  expect(state[0]).toMatchObject({ pending: 0 });
  const back = `sqlite:back-${encodeURIComponent(new URL(store).protocol)}.db`;
  expect((await work.json(["copy", "--from", store, "--to", back]))[0]).toMatchObject({
    problems: [],
  });
  expect(
    (await work.json(["copy", "--from", "sqlite:a.db", "--to", back, "--verify"]))[0],
  ).toMatchObject({ verified: { behind: 0 }, problems: [] });
}
