import { afterEach, describe, test } from "vitest";
import { skipReason, storeConformance } from "../../src/store/conformance/store-conformance.ts";
import { memoryStore } from "../../src/store/memory/memory-store.ts";
import type { Store } from "../../src/store/store.ts";

interface Adapter {
  readonly name: string;
  readonly openStore: () => Promise<Store>;
  readonly reopen?: (store: Store) => Promise<Store>;
}

const adapters: readonly Adapter[] = [{ name: "memory", openStore: async () => memoryStore() }];

describe.each(adapters)("the $name store", ({ openStore, reopen }) => {
  const opened: Store[] = [];

  afterEach(async () => {
    await Promise.all(opened.splice(0).map((store) => store.close()));
  });

  const remember = async (opening: Promise<Store>): Promise<Store> => {
    const store = await opening;
    opened.push(store);
    return store;
  };
  const context = {
    openStore: () => remember(openStore()),
    ...(reopen && { reopen: (store: Store) => remember(reopen(store)) }),
  };

  for (const rule of storeConformance)
    test(rule.name, async ({ skip }) => {
      const { capabilities } = await context.openStore();
      const reason = skipReason(rule, capabilities);
      if (reason !== undefined) skip(reason);
      await rule.run(context);
    });
});
