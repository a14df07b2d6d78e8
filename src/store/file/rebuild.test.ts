import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { create, EVERYBODY, extend, headOf, keyOf } from "../conformance/fixture.ts";
import { everythingAbout } from "../conformance/everything.ts";
import { redact, say } from "../conformance/message-fixture.ts";
import { trim } from "../conformance/trim-fixture.ts";
import { memoryStore } from "../memory/memory-store.ts";
import { carryOut, steps, tell } from "./everything.test-support.ts";
import { fileStore } from "./file-store.ts";
import { storeFolder } from "./store-folder.test-support.ts";

const { path, open, log } = storeFolder();

test("whatever happened, an index that is made again tells the same", async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (all) => {
      const folder = mkdtempSync(join(tmpdir(), "skein-rebuild-"));
      try {
        let store = fileStore({ path: folder });
        for (const [at, step] of all.entries()) await carryOut(store, step, at);
        const before = await tell(store);
        await store.close();
        rmSync(join(folder, "index"), { recursive: true });
        store = fileStore({ path: folder });
        try {
          expect(await tell(store)).toEqual(before);
          expect((await store.check({ repair: false })).problems).toEqual([]);
        } finally {
          await store.close();
        }
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    }),
    { numRuns: 40 },
  );
}, 120_000);

test("a trimmed thread that was brought from elsewhere is the same after the index was made again", async () => {
  const from = memoryStore();
  const whole = ["a", "b", "c", "d"].map((id) => say(id, `said ${id}`));
  await extend(from, "t", [create("t"), ...whole]);
  const after = await trim(from, "t", { main: "b" });
  const key = keyOf("t");
  const kept = await from.listKept(key, 0, 100);
  const entries = await from.listEntries(key, 0, 100);
  let store = open();
  const write = { key, base: 0, before: null, after, entries, kept, givenIds: ["b"] };
  expect(await store.commit([[{ writes: [write] }]])).toEqual([["committed"]]);
  await trim(store, "t", { main: "c" });
  await extend(store, "t", [redact("c")]);
  // Cursors of the feed end with the index.
  const told = async (): Promise<string> =>
    (await everythingAbout(store, "t", ["a", "b", "c", "d"])).replaceAll(/"cursor":"[^"]*"/gu, "");
  const before = await told();
  const given = await store.loadFacts(key, [{ kind: "given", ids: ["b"] }]);
  await store.close();
  rmSync(join(path(), "index"), { recursive: true });
  store = open();
  expect(await told()).toBe(before);
  expect(await store.loadFacts(key, [{ kind: "given", ids: ["b"] }])).toEqual(given);
  expect(readFileSync(log("t"), "utf8")).not.toMatch(/said [abc]/u);
});

test("an index that is behind gets what it lacks", async () => {
  let store = open();
  await extend(store, "t", [create("t"), say("one", "first")]);
  await store.close();
  const copy = join(path(), "../index-before");
  cpSync(join(path(), "index"), copy, { recursive: true });
  store = open();
  await extend(store, "t", [say("two", "second")]);
  await extend(store, "u", [create("u")]);
  await store.close();
  rmSync(join(path(), "index"), { recursive: true });
  cpSync(copy, join(path(), "index"), { recursive: true });

  store = open();
  expect(await headOf(store, "t")).toMatchObject({ version: 3 });
  expect(await headOf(store, "u")).toMatchObject({ version: 1 });
  const { hits } = await store.search(EVERYBODY, { text: "second", limit: 10 });
  expect(hits.map(({ messageId }) => messageId)).toEqual(["two"]);
});

test("an index that is ahead of a log that was put back is made again", async () => {
  let store = open();
  await extend(store, "t", [create("t"), say("one", "first")]);
  await store.close();
  const before = readFileSync(log("t"));
  store = open();
  const { epoch } = await store.open();
  await extend(store, "t", [say("two", "second")]);
  await store.close();
  writeFileSync(log("t"), before);

  store = open();
  expect(await headOf(store, "t")).toMatchObject({ version: 2 });
  expect((await store.open()).epoch).not.toBe(epoch);
  expect(await store.loadMessages(keyOf("t"), ["two"])).toEqual([null]);
});

test("a log that was removed takes its thread with it", async () => {
  let store = open();
  for (const id of ["t", "u"]) await extend(store, id, [create(id)]);
  await store.close();
  rmSync(log("t"));
  store = open();
  expect(await store.loadHeads([keyOf("t"), keyOf("u")])).toMatchObject([null, { version: 1 }]);
});

test.for([
  ["damaged", "not a database"],
  ["empty", ""],
] as const)("an index that is %s is made again", async ([, content]) => {
  let store = open();
  await extend(store, "t", [create("t"), say("one", "first")]);
  const { storeId } = await store.open();
  await store.close();
  writeFileSync(join(path(), "index/skein.db"), content);
  store = open();
  expect(await headOf(store, "t")).toMatchObject({ version: 2 });
  expect((await store.open()).storeId).toBe(storeId);
});

test("another store's index is made again", async () => {
  const other = open();
  await extend(other, "mine", [create("mine")]);
  await other.close();
  const copy = join(path(), "../other-index");
  cpSync(join(path(), "index"), copy, { recursive: true });
  rmSync(path(), { recursive: true });
  let store = open();
  await extend(store, "t", [create("t")]);
  await store.close();
  rmSync(join(path(), "index"), { recursive: true });
  cpSync(copy, join(path(), "index"), { recursive: true });
  store = open();
  expect(await store.loadHeads([keyOf("t"), keyOf("mine")])).toMatchObject([{ version: 1 }, null]);
});

test("a check finds an index that differs, and repairs it from the logs", async () => {
  let store = open();
  await extend(store, "t", [create("t"), say("one", "first")]);
  await store.close();
  const { DatabaseSync } = await import("node:sqlite");
  const database = new DatabaseSync(join(path(), "index/skein.db"));
  database.exec("UPDATE skein_head SET version = 1");
  database.close();
  store = open();
  const { problems } = await store.check({ repair: false });
  expect(problems).not.toEqual([]);
  expect(problems.every(({ repaired }) => !repaired)).toBe(true);
  const repaired = await store.check({ repair: true });
  expect(repaired.problems.every((problem) => problem.repaired)).toBe(true);
  expect(await store.check({ repair: false })).toMatchObject({ threads: 1, problems: [] });
  expect(await headOf(store, "t")).toMatchObject({ version: 2 });
});
