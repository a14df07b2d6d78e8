import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { EVERYBODY, create, extend, keyOf } from "../conformance/fixture.ts";
import { say } from "../conformance/message-fixture.ts";
import { storeFolder } from "./store-folder.test-support.ts";

const { file, open, start } = storeFolder();

test("two processes append to one file at once without an error, and neither starves", async () => {
  await open().open();
  const count = 400;
  const children = ["one", "two"].map((name) => start("append", name, String(count)));
  for (const child of children) expect(await child.line()).toBe("ready");
  for (const child of children) child.tell("go");
  for (const child of children) expect(await child.end()).toBe(0);

  const store = open();
  for (const name of ["one", "two"]) {
    const entries = await store.listEntries(keyOf(name), 0, 1_000);
    const expected = Array.from({ length: count + 1 }, (_, index) => index + 1);
    expect(entries.map(({ version }) => version)).toEqual(expected);
  }
  expect(longestRun(file())).toBeLessThan(count / 2);
});

/** How many commits one process made while the other, which had more to write, made none. */
function longestRun(path: string): number {
  const database = new DatabaseSync(path);
  const order = database
    .prepare("SELECT tid FROM skein_entry ORDER BY lsn")
    .all()
    .map(({ tid }) => Number(tid));
  database.close();
  const end = Math.min(...[1, 2].map((tid) => order.lastIndexOf(tid)));
  const both = order.slice(2, end + 1);
  let longest = 0;
  let length = 0;
  for (let index = 0; index < both.length; index++) {
    length = both[index] === both[index - 1] ? length + 1 : 1;
    longest = Math.max(longest, length);
  }
  return longest;
}

test("what another process commits is seen at once and told to watchers", async () => {
  const [one, two] = [open(), open()];
  await Promise.all([one.open(), two.open()]);
  const told = new Promise<void>((resolve) => {
    const stop = one.watch(() => {
      stop();
      resolve();
    });
  });
  await sleep(50);
  await extend(two, "t", [create("t"), say("m", "hello")]);
  expect(await one.loadHeads([keyOf("t")])).toMatchObject([{ version: 2 }]);
  await told;
});

test("a store's own commits are not told to its watchers", async () => {
  for (const threads of [false, true]) {
    const store = open({ threads, path: file(`${threads}.db`) });
    await store.open();
    let calls = 0;
    const stop = store.watch(() => (calls += 1));
    await sleep(150);
    await extend(store, "t", [create("t")]);
    await sleep(350);
    stop();
    expect(calls).toBe(0);
  }
});

test("an instance lives until its process is killed, and its lease goes with it", async () => {
  const store = open();
  await store.open();
  const child = start("live");
  const instance = await child.line();
  expect(await store.isAlive(instance)).toBe(true);
  expect((await store.acquireLease("k", "me", 1_000)).isMine).toBe(false);
  await child.kill();
  expect(await store.isAlive(instance)).toBe(false);
  const { isMine, lease } = await store.acquireLease("k", "me", 1_000);
  expect({ isMine, fence: lease.fence }).toEqual({ isMine: true, fence: 2 });
});

test("an instance is alive for itself, and for others until it is closed", async () => {
  const [one, two] = [open(), open()];
  await Promise.all([one.open(), two.open()]);
  const { instance } = one;
  expect(await one.isAlive(instance)).toBe(true);
  expect(await two.isAlive(instance)).toBe(true);
  await one.close();
  expect(await two.isAlive(instance)).toBe(false);
  expect(await two.isAlive("../../etc/passwd")).toBe(false);
});

test("lists are right after a process was killed before it brought them up to date", async () => {
  const store = open();
  for (const [index, id] of ["a", "b", "c"].entries())
    await extend(store, id, [create(id)], { at: 1_000 + index });
  await store.close();
  const child = start("commit", "b");
  expect(await child.line()).toBe("committed");
  await child.kill();
  const { threads } = await open().listThreads(EVERYBODY, { limit: 10 });
  expect(threads.map(({ id }) => id)).toEqual(["b", "c", "a"]);
});

test("a list shows what another process committed a moment ago", async () => {
  const [one, two] = [open(), open()];
  for (const [index, id] of ["a", "b"].entries())
    await extend(one, id, [create(id)], { at: 1_000 + index });
  await one.listThreads(EVERYBODY, { limit: 10 });
  await extend(two, "a", [say("m", "hello")], { at: 9_000 });
  const { threads } = await one.listThreads(EVERYBODY, { limit: 10 });
  expect(threads.map(({ id }) => id)).toEqual(["a", "b"]);
});
