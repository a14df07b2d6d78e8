import { rmSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { extend, headOf, keyOf, create } from "../conformance/fixture.ts";
import { fileStore } from "./file-store.ts";
import { storeFolder } from "./store-folder.test-support.ts";

const { path, open, files, start } = storeFolder();

test("a second process is refused while the first one lives, and let in once it is dead", async () => {
  const child = start("hold");
  expect(await child.line()).toBe("open");
  const store = open();
  await expect(store.open()).rejects.toMatchObject({
    code: "store_busy",
    message: expect.stringMatching(/in use by another process.*Close the other one/u),
  });
  await child.kill();
  await store.open();
  await extend(store, "t", [create("t")]);
});

test("a second store of the same process is refused as well", async () => {
  await open().open();
  const second = fileStore({ path: path() });
  await expect(second.open()).rejects.toMatchObject({ code: "store_busy" });
  await second.close();
});

test("a process that is killed while it appends loses nothing that was acknowledged, and halves no commit", async () => {
  let acknowledged = -1;
  for (const rounds of [1, 7, 30, 60, 100]) {
    const child = start("append");
    const first = acknowledged;
    while (acknowledged < first + rounds) acknowledged = Number(await child.line());
    await child.kill();
    for (let line = await child.lineOrEnd(); line !== undefined; line = await child.lineOrEnd())
      acknowledged = Number(line);
    const store = open();
    const heads = [await headOf(store, "a"), await headOf(store, "b")];
    const written = heads.map(({ activity }) => activity.messagesTotal);
    expect(written[0]).toBe(written[1]);
    expect(written[0]).toBeGreaterThanOrEqual(2 * (acknowledged + 1));
    expect(written[0]).toBeLessThanOrEqual(2 * (acknowledged + 2));
    for (const { profile, version } of heads) {
      const entries = await store.listEntries(keyOf(profile.id), 0, 10_000);
      expect(entries).toHaveLength(version);
    }
    expect((await store.check({ repair: false })).problems).toEqual([]);
    acknowledged = (written[0] ?? 0) / 2 - 1;
    await store.close();
  }
}, 60_000);

test("a process that is killed while it redacts leaves no text of a redaction that is in the log", async () => {
  for (const waitMs of [5, 12, 20, 33, 47]) {
    const child = start("erase");
    await child.line();
    await sleep(waitMs);
    await child.kill();
    const store = open();
    await store.open();
    const logs = [...files()].filter(([name]) => name.startsWith("threads"));
    expect(logs.length).toBeGreaterThan(0);
    for (const [name, text] of logs)
      if (text.includes('"message.redact"')) expect(text, name).not.toContain("secret-");
    expect(files().get("journal")).toBe("");
    expect((await store.check({ repair: false })).problems).toEqual([]);
    await store.close();
    rmSync(path(), { recursive: true });
  }
}, 60_000);
