import { appendFileSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { create, extend, headOf } from "../conformance/fixture.ts";
import { say } from "../conformance/message-fixture.ts";
import type { Store } from "../store.ts";
import { storeFolder } from "./store-folder.test-support.ts";

const { path, open, log, files } = storeFolder();

/** A thread of three commits; the last one has two lines. Closed. */
async function threeCommits(): Promise<string> {
  const store = open();
  await extend(store, "t", [create("t")]);
  await extend(store, "t", [say("a", "one")]);
  await extend(store, "t", [say("b", "two"), say("c", "three")]);
  await store.close();
  return readFileSync(log("t"), "utf8");
}

async function healed(): Promise<{ readonly store: Store; readonly problems: readonly string[] }> {
  const store = open();
  const { problems } = await store.check({ repair: false });
  expect(problems.every(({ repaired }) => repaired)).toBe(true);
  return { store, problems: problems.map(({ problem }) => problem) };
}

test("a torn last line is cut off with its commit, reported once, and written anew", async () => {
  const text = await threeCommits();
  truncateSync(log("t"), text.length - 10);
  const { store, problems } = await healed();
  expect(problems).toHaveLength(1);
  expect(problems[0]).toMatch(/\d+ bytes .* line 3/u);
  expect(await headOf(store, "t")).toMatchObject({ version: 2 });
  const kept = text.split("\n").slice(0, 2).join("\n");
  expect(readFileSync(log("t"), "utf8")).toBe(`${kept}\n`);
  await extend(store, "t", [say("d", "again")]);
  await store.close();
  const again = await healed();
  expect(again.problems).toEqual([]);
  expect(await headOf(again.store, "t")).toMatchObject({ version: 3 });
});

test("a commit that lacks its last lines is cut off whole", async () => {
  const text = await threeCommits();
  writeFileSync(log("t"), `${text.split("\n").slice(0, 3).join("\n")}\n`);
  const { store, problems } = await healed();
  expect(problems).toHaveLength(1);
  expect(await headOf(store, "t")).toMatchObject({ version: 2 });
});

test("blocks that were never written are cut off", async () => {
  await threeCommits();
  appendFileSync(log("t"), `{"threadId":"t"${"\0".repeat(100)}\n`);
  const { store, problems } = await healed();
  expect(problems).toHaveLength(1);
  expect(await headOf(store, "t")).toMatchObject({ version: 4 });
});

test("a log without one whole line goes", async () => {
  await threeCommits();
  writeFileSync(log("t"), '{"threadId":"t","vers');
  const { store, problems } = await healed();
  expect(problems).toHaveLength(1);
  expect(await store.loadHeads([{ tenant: "acme", id: "t" }])).toEqual([null]);
  expect([...files().keys()].filter((name) => name.startsWith("threads"))).toEqual([]);
});

const DAMAGES: Readonly<Record<string, (lines: string[]) => void>> = {
  "it is not JSON": (lines) => {
    lines[1] = "not json";
  },
  "its digest says that it was changed": (lines) => {
    lines[1] = lines[1]?.replace("one", "two") ?? "";
  },
  "it has no digest": (lines) => {
    lines[1] = '{"version":2}';
  },
  "versions are missing before it": (lines) => {
    lines.splice(1, 1, lines.splice(1, 2)[1] ?? "");
  },
  "version 2 follows version 2": (lines) => {
    lines.splice(1, 0, lines[1] ?? "");
  },
};

test.for(Object.entries(DAMAGES))(
  "a log is refused by file and line, and nothing changes, when of a line %s",
  async ([what, damage]) => {
    const lines = (await threeCommits()).split("\n");
    damage(lines);
    writeFileSync(log("t"), lines.join("\n"));
    const before = files();
    await expect(open().open()).rejects.toMatchObject({
      code: "store_corrupt",
      message: expect.stringMatching(new RegExp(`threads.acme.t\\.jsonl, line [23]: ${what}`, "u")),
    });
    expect(files()).toEqual(before);
  },
);

test("a log under another thread's name is refused", async () => {
  const text = await threeCommits();
  writeFileSync(join(path(), "threads/acme/u.jsonl"), text);
  await expect(open().open()).rejects.toMatchObject({
    code: "store_corrupt",
    message: expect.stringContaining("u.jsonl, line 1: it is the log of thread t of tenant acme"),
  });
});

test("a check names what is damaged while the store is open", async () => {
  const text = await threeCommits();
  const store = open();
  await store.open();
  writeFileSync(log("t"), text.replace("one", "two"));
  const { problems } = await store.check({ repair: true });
  expect(problems).toMatchObject([{ repaired: false, problem: expect.stringContaining("line 2") }]);
  writeFileSync(log("t"), text);
});
