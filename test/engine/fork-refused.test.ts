import { expect, test } from "vitest";
import { createEngine, memoryStore, SkeinError } from "../../src/index.ts";
import type { Engine, Store } from "../../src/index.ts";

/** An engine whose commits of thread `f` are preceded by something else. */
function forking(
  store: Store,
  meanwhile: () => Promise<void>,
  instead: Partial<Pick<Store, "loadThread">> = {},
): Engine {
  const commit: Store["commit"] = async (chains) => {
    const isFork = chains.flat(2).some(({ writes }) => writes.some(({ key }) => key.id === "f"));
    if (isFork) await meanwhile();
    return store.commit(chains);
  };
  const wrapped = new Proxy(store, {
    get(target, name) {
      const value: unknown = Reflect.get({ commit, ...instead }, name) ?? Reflect.get(target, name);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
  return createEngine({ store: wrapped });
}

test("a fork that cannot be written says why, also when its origin cannot be read then", async () => {
  const store = memoryStore();
  await createEngine({ store }).create({ id: "t", messages: [{ content: "Hello" }] });
  let isAway = false;
  const engine = forking(
    store,
    async () => {
      isAway = true;
      throw new SkeinError("store_full", "The disk is full.");
    },
    {
      loadThread: async (...asked) => {
        if (isAway) throw new SkeinError("store_unavailable", "Nobody answers.");
        return store.loadThread(...asked);
      },
    },
  );
  await expect(engine.fork("t", { id: "f" })).rejects.toMatchObject({ code: "store_full" });
  await store.close();
});

test("a fork whose origin is trimmed again and again is given up after some attempts", async () => {
  const store = memoryStore();
  const owner = createEngine({ store });
  await owner.create({ id: "t" });
  let left = 40;
  for (let turn = 0; turn < left; turn++)
    await owner.append("t", { messages: [{ content: "Hello" }] });
  const engine = forking(store, async () => {
    left = Math.max(1, left - 1);
    await owner.trim("t", { keepLast: left });
  });
  await expect(engine.fork("t", { id: "f" })).rejects.toMatchObject({ code: "overloaded" });
  expect(left).toBeGreaterThan(1);
  await expect(engine.get("f")).rejects.toMatchObject({ code: "thread_not_found" });
  await store.close();
});
