import assert from "node:assert/strict";
import type { DuePlace } from "../due-thread.ts";
import type { Store } from "../store.ts";
import type { ConformanceCase } from "./conformance-case.ts";
import { create, extend, keyOf, START, TENANT } from "./fixture.ts";
import { say } from "./message-fixture.ts";

const HOUR = 3_600_000;

export const EXPIRY_CASES: readonly ConformanceCase[] = [
  {
    name: "threads whose time ends are listed by that time, then by id, in pages",
    run: async ({ openStore }) => {
      const store = await openStore();
      const ends = { c: 300, a: 200, b: 200, d: 100, e: 200, "e.1": 200 };
      for (const [id, after] of Object.entries(ends))
        await extend(store, id, [create(id, { expiry: { at: START + after } })]);
      await extend(store, "endless", [create("endless")]);
      assert.deepEqual(await dueIn(store, 99), []);
      assert.deepEqual(await dueIn(store, 200), ["d", "a", "b", "e", "e.1"]);
      const pages: string[][] = [];
      let after: DuePlace | null = null;
      for (let count = 0; count < 4; count++) {
        const page: readonly DuePlace[] = await store.listDueThreads(START + 300, 2, after);
        if (page.length === 0) break;
        pages.push(page.map(({ key }) => key.id));
        after = page.at(-1) ?? null;
      }
      assert.deepEqual(pages, [
        ["d", "a"],
        ["b", "e"],
        ["e.1", "c"],
      ]);
      const behind = (tenant: string): DuePlace => ({
        dueAt: START + 200,
        key: { tenant, id: "b.5" },
      });
      assert.deepEqual(await dueIn(store, 300, behind(TENANT)), ["e", "e.1", "c"]);
      assert.deepEqual(await dueIn(store, 300, behind("zebra")), ["c"]);
      assert.deepEqual(await dueIn(store, 200, behind("a")), ["a", "b", "e", "e.1"]);
    },
  },
  {
    name: "a thread is due by its time as it is: moved, slid, held, deleted, taken away, purged",
    run: async ({ openStore }) => {
      const store = await openStore();
      const expiry = { at: START + 1_000 + HOUR, slidingMs: HOUR };
      await extend(store, "t", [create("t", { expiry })]);
      assert.deepEqual(await store.listDueThreads(expiry.at, 10, null), [
        { dueAt: expiry.at, key: keyOf("t") },
      ]);
      await extend(store, "t", [say("a", "one")], { at: START + HOUR });
      assert.deepEqual(await dueIn(store, 2 * HOUR - 1), []);
      assert.deepEqual(await dueIn(store, 2 * HOUR), ["t"]);
      const set = (data: { expiry?: { at: number } | null; hold?: object | null }) =>
        extend(store, "t", [{ op: "thread.set", data }]);
      await set({ hold: {} });
      assert.deepEqual(await dueIn(store, 9 * HOUR), []);
      await set({ hold: null, expiry: { at: START + 5 } });
      assert.deepEqual(await dueIn(store, 5), ["t"]);
      await extend(store, "t", [{ op: "thread.delete", data: {} }]);
      assert.deepEqual(await dueIn(store, 9 * HOUR), []);
      await extend(store, "t", [{ op: "thread.undelete", data: {} }]);
      assert.deepEqual(await dueIn(store, 5), ["t"]);
      await set({ expiry: null });
      assert.deepEqual(await dueIn(store, 9 * HOUR), []);
      await set({ expiry: { at: START + 5 } });
      await extend(store, "t", [{ op: "thread.purge", data: {} }]);
      assert.deepEqual(await dueIn(store, 9 * HOUR), []);
    },
  },
];

async function dueIn(
  store: Store,
  after: number,
  behind: DuePlace | null = null,
): Promise<readonly string[]> {
  const due = await store.listDueThreads(START + after, 10, behind);
  return due.map(({ key }) => key.id);
}
