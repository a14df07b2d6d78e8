import { expect, test } from "vitest";
import { EVERYBODY, create, extend, reader } from "../conformance/fixture.ts";
import { say } from "../conformance/message-fixture.ts";
import type { FeedPage } from "../query.ts";
import type { Store } from "../store.ts";
import { openBackend } from "./backend.ts";
import { storeFolder } from "./store-folder.test-support.ts";

const { file, open } = storeFolder();

async function fill(store: Store): Promise<void> {
  for (const id of ["a", "b"]) {
    const says = Array.from({ length: 400 }, (_, index) => say(`${id}${index}`, "hello"));
    await extend(store, id, [create(id), ...says]);
  }
  await extend(store, "bobs", [create("bobs", { owner: "bob" })]);
}

test.for([false, true])(
  "with threads %s, a long feed is the same as a short one",
  async (threads) => {
    const store = open({ threads });
    await fill(store);
    const page = await store.listFeed(reader("bob"), { after: null, limit: 5 });
    expect(page).toMatchObject({ events: [{ threadId: "bobs", type: "created" }], isAtEnd: true });
    const all = await store.listFeed(EVERYBODY, { after: null, limit: 3 });
    expect(all).toMatchObject({ events: { length: 3 }, isAtEnd: false });
    const rest = await store.listFeed(EVERYBODY, { after: all.cursor, limit: 3 });
    const cursors = [...all.events, ...rest.events].map(({ cursor }) => cursor);
    expect(new Set(cursors).size).toBe(cursors.length);
    await expect(store.listFeed(EVERYBODY, { after: "x", limit: 3 })).rejects.toMatchObject({
      code: "invalid_cursor",
    });
  },
);

test("who sees nothing has no row read for them, however long the log", async () => {
  const store = open();
  await fill(store);
  await store.close();
  const log: [string, number][] = [];
  const count = (sql: string, rows: number): number => log.push([sql, rows]);
  const path = file();
  const backend = await openBackend({ path, synchronous: "NORMAL", threads: false, count });
  const feed = (user: string): FeedPage => {
    log.length = 0;
    return backend.reader.listFeed(backend.identity, reader(user), { after: null, limit: 100 });
  };
  // The last two rows of each answer sum up.
  const rowsOfLog = (): number =>
    log
      .filter(([sql]) => sql.includes("FROM skein_entry"))
      .reduce((sum, [, rows]) => sum + rows - 2, 0);
  expect(feed("mallory")).toMatchObject({ events: [], isAtEnd: true });
  expect(rowsOfLog()).toBe(0);
  expect(log.filter(([sql]) => sql.includes("head"))).toEqual([]);
  expect(feed("bob").events).toHaveLength(1);
  expect(rowsOfLog()).toBe(1);
  await backend.close();
});
