import { cached } from "../../src/store/cached/cached.ts";
import { memoryStore } from "../../src/store/memory/memory-store.ts";
import type { Store } from "../../src/store/store.ts";
import { sqliteAdapter, testConformance } from "./conformance.test-support.ts";
import type { Adapter } from "./conformance.test-support.ts";

testConformance({ name: "cached memory", openStore: async () => cached(memoryStore()) });
testConformance(remembering(sqliteAdapter("cached sqlite", false)));

/** Every store of the adapter behind a cache. */
function remembering({ name, openStore, reopen }: Adapter): Adapter {
  const inner = new Map<Store, Store>();
  const wrap = async (opening: Promise<Store>): Promise<Store> => {
    const store = await opening;
    const wrapped = cached(store);
    inner.set(wrapped, store);
    return wrapped;
  };
  return {
    name,
    openStore: () => wrap(openStore()),
    ...(reopen && { reopen: (store) => wrap(reopen(inner.get(store) ?? store)) }),
  };
}
