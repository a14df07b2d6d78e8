import { expect, test } from "vitest";
import { createEngine, memoryStore } from "../../src/index.ts";
import type { Store } from "../../src/index.ts";

/** A store whose feed is held back by another transaction for some looks. */
async function heldBack(store: Store, looks: number): Promise<Store> {
  const cursor = await store.feedEnd("default");
  let looked = 0;
  const listFeed: Store["listFeed"] = async (reader, query) => {
    looked += 1;
    if (looked > looks) return store.listFeed(reader, query);
    return { events: [], cursor, isAtEnd: true, isUnsettled: true };
  };
  return new Proxy(store, {
    get(target, name): unknown {
      if (name === "listFeed") return listFeed;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

test("a feed of what there is has what another transaction held back for a moment", async () => {
  const engine = createEngine({ store: await heldBack(memoryStore(), 3) });
  await engine.create({ id: "t" });
  const ids: string[] = [];
  for await (const event of engine.feed({ after: "0", follow: false })) ids.push(event.threadId);
  expect(ids).toEqual(["t"]);
  await engine.close();
});

test("a feed of what there is ends, however long another transaction lasts", async () => {
  const engine = createEngine({ store: await heldBack(memoryStore(), Number.POSITIVE_INFINITY) });
  await engine.create({ id: "t" });
  const events: unknown[] = [];
  for await (const event of engine.feed({ after: "0", follow: false })) events.push(event);
  expect(events).toEqual([]);
  await engine.close();
});
