import { mkdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { create, extend, headOf, itemOf, keyOf, makeWrite } from "../conformance/fixture.ts";
import { redact, say } from "../conformance/message-fixture.ts";
import { fileStore } from "./file-store.ts";
import { storeFolder } from "./store-folder.test-support.ts";

const { path, open, log, files, start } = storeFolder();

test("a path that cannot be a folder is refused in one sentence that says what to do", async () => {
  mkdirSync(dirname(path()), { recursive: true });
  writeFileSync(path(), "a file");
  for (const wrong of [path(), join(path(), "below")]) {
    const store = fileStore({ path: wrong });
    await expect(store.open()).rejects.toMatchObject({
      code: "invalid_request",
      field: "path",
      message: expect.stringMatching(/^Cannot use .* as a store \(E[A-Z]+\)\. Choose a folder/u),
    });
    await store.close();
  }
});

test("a folder with something else in it is left as it is", async () => {
  mkdirSync(path(), { recursive: true });
  writeFileSync(join(path(), "notes.txt"), "mine");
  await expect(open().open()).rejects.toMatchObject({
    code: "invalid_request",
    message: expect.stringContaining('it has "notes.txt" in it. Choose an empty folder.'),
  });
  expect([...files().keys()]).toEqual(["notes.txt"]);
});

test("a store of a newer format is refused", async () => {
  const store = open();
  await store.open();
  await store.close();
  writeFileSync(join(path(), "skein.json"), '{"format":99,"storeId":"s"}');
  await expect(open().open()).rejects.toMatchObject({ code: "schema_too_new" });
});

test("a log that the journal has on its end is mended from it, and refused when it is shorter", async () => {
  const first = start("append");
  await first.line();
  await first.kill();
  const whole = readFileSync(log("a"), "utf8");
  truncateSync(log("a"), whole.indexOf("\n") + 1);
  const store = open();
  await store.open();
  expect(readFileSync(log("a"), "utf8").startsWith(whole)).toBe(true);
  expect((await store.check({ repair: false })).problems).toEqual([]);
  await store.close();
  const child = start("append");
  await child.line();
  await child.kill();
  writeFileSync(log("a"), "");
  await expect(open().open()).rejects.toMatchObject({ code: "store_corrupt" });
});

test("a commit that cannot be written is taken back whole, and the next one works", async () => {
  const store = open();
  const t = await extend(store, "t", [create("t")]);
  const before = files();
  // A folder is where the other thread's log would be.
  mkdirSync(log("u"), { recursive: true });
  const writes = [
    makeWrite(keyOf("t"), t, [say("a", "one")]),
    makeWrite(keyOf("u"), null, [create("u")]),
  ];
  await expect(store.commit([[itemOf(...writes)]])).rejects.toMatchObject({
    code: "invalid_request",
  });
  expect(files()).toEqual(before);
  expect(await headOf(store, "t")).toMatchObject({ version: 1 });
  await extend(store, "t", [say("b", "two")]);
  expect(await headOf(store, "t")).toMatchObject({ version: 2 });
});

test.runIf(process.platform === "linux")(
  "on a full disk a commit fails as a whole, and what was acknowledged stays",
  async () => {
    const child = start("fill");
    const acknowledged = Number(await child.line());
    const failure = JSON.parse(await child.line());
    expect(failure).toMatchObject({
      code: "store_full",
      message: expect.stringMatching(/disk is full.*Nothing of the call was written/u),
    });
    expect(await child.line()).toBe("small: committed");
    await child.kill();
    const store = open();
    expect(await headOf(store, "t")).toMatchObject({ version: acknowledged + 2 });
    expect((await store.check({ repair: false })).problems).toEqual([]);
    await extend(store, "t", [redact("m0")]);
  },
);
