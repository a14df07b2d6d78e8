import { existsSync, readFileSync } from "node:fs";
import { expect, test, vi } from "vitest";
import { create, extend } from "../conformance/fixture.ts";
import { redact, say } from "../conformance/message-fixture.ts";
import { IndexFollower } from "./index-follower.ts";
import { openSearchIndex } from "./search-index.ts";
import type { SearchIndex } from "./search-port.ts";
import { storeFolder } from "./store-folder.test-support.ts";

const { file, open } = storeFolder();

/** Looks from outside, as another connection, and must not catch up by itself. */
async function withIndex<T>(use: (index: SearchIndex) => T): Promise<T> {
  const index = openSearchIndex({ path: file() });
  try {
    return use(index);
  } finally {
    index.close();
  }
}

function isInIndex(word: string): boolean {
  return ["skein-search.db", "skein-search.db-wal"].some(
    (name) => existsSync(file(name)) && readFileSync(file(name)).includes(word),
  );
}

test.for([false, true])(
  "with threads %s, opening goes on with rows that were never indexed",
  async (threads) => {
    const first = open();
    await extend(first, "t", [create("t"), say("a", "hello")]);
    await first.close();
    expect(await withIndex((index) => index.lag())).toBe(2);
    await open({ threads }).open();
    await vi.waitFor(async () => expect(await withIndex((index) => index.lag())).toBe(0), 10_000);
  },
);

test("opening goes on with erasing that was interrupted", async () => {
  const first = open();
  await extend(first, "t", [create("t"), say("a", "zzsecretzebra"), say("b", "hello")]);
  await first.close();
  await withIndex((index) => index.catchUp(100));
  expect(isInIndex("secretzebra")).toBe(true);
  const second = open();
  await extend(second, "t", [redact("a")]);
  await second.close();
  await withIndex((index) => index.catchUp(100));
  await open().open();
  await vi.waitFor(() => expect(isInIndex("secretzebra")).toBe(false), 10_000);
});

test("a trickle of commits does not keep the index from catching up", async () => {
  const store = open();
  const rows = Array.from({ length: 5_000 }, (_, number) => say(`m${number}`, `word${number}`));
  await extend(store, "t", [create("t"), ...rows]);
  let next = 0;
  await vi.waitFor(
    async () => {
      await extend(store, "u", next === 0 ? [create("u")] : [say(`n${next}`, "again")]);
      next += 1;
      expect(await withIndex((index) => index.lag())).toBeLessThan(100);
    },
    { timeout: 5_000, interval: 20 },
  );
});

test("an index that is closed while it is being opened stays closed, and is not opened afterwards", async () => {
  const store = open();
  await extend(store, "t", [create("t"), say("a", "hello")]);
  await store.close();
  const follower = new IndexFollower({ path: file(), rowsWhileBusy: 1, rowsWhenHopeless: 1 });
  const search = (): Promise<unknown> =>
    follower.search({ tenant: "acme", user: null }, { text: "hello", limit: 1 });
  const begun = search();
  follower.close();
  await expect(begun).rejects.toMatchObject({ code: "store_closed" });
  await expect(search()).rejects.toMatchObject({ code: "store_closed" });
  follower.noteCommit();
  await expect(follower.forget([])).rejects.toMatchObject({ code: "store_closed" });
  expect(existsSync(file("skein-search.db"))).toBe(false);
});

test.for([10, 0])(
  "a burst after a rest is met with %s rows, and all of it follows the burst",
  async (rowsWhenHopeless) => {
    const store = open();
    const rows = Array.from({ length: 1_000 }, (_, number) => say(`m${number}`, `word${number}`));
    await extend(store, "t", [create("t"), ...rows]);
    await store.close();
    const before = await withIndex((index) => index.lag());
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
    const follower = new IndexFollower({ path: file(), rowsWhileBusy: 300, rowsWhenHopeless });
    try {
      await follower.forget([]);
      vi.advanceTimersByTime(60_000);
      follower.noteCommit();
      await vi.advanceTimersByTimeAsync(100);
      expect(before - (await withIndex((index) => index.lag()))).toBe(rowsWhenHopeless);
      await vi.advanceTimersByTimeAsync(1_000);
      expect(await withIndex((index) => index.lag())).toBe(0);
    } finally {
      follower.close();
      vi.useRealTimers();
    }
  },
);
