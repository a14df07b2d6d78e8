import { expect, test } from "vitest";
import { createSkein } from "../../src/agents/create-skein.ts";
import { memoryStore } from "../../src/store/memory/memory-store.ts";

test("between two pages of a feed that shows nothing, others have their turn", async () => {
  const store = memoryStore();
  const skein = createSkein({ store, model: "demo", env: {} });
  const listFeed = store.listFeed.bind(store);
  const beginning = await store.feedEnd("default");
  let pages = 0;
  // As a long feed of others' threads is, of which no page ends.
  store.listFeed = async (reader, query) => {
    const page = await listFeed(reader, query);
    pages++;
    return { ...page, isAtEnd: pages >= 1_000 };
  };
  const gone = new AbortController();
  const feed = skein.feed({ userId: "mallory", after: beginning, signal: gone.signal });
  const reading = feed[Symbol.asyncIterator]().next();
  await new Promise((resolve) => setImmediate(resolve));
  await new Promise((resolve) => setImmediate(resolve));
  expect(pages).toBeLessThan(10);
  gone.abort();
  expect((await reading).done).toBe(true);
  await skein.close();
});
