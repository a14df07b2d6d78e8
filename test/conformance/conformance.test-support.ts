import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, describe, test } from "vitest";
import { skipReason, storeConformance } from "../../src/store/conformance/store-conformance.ts";
import { sqliteStore } from "../../src/store/sqlite/sqlite-store.ts";
import type { Store } from "../../src/store/store.ts";

export interface Adapter {
  readonly name: string;
  readonly openStore: () => Promise<Store>;
  readonly reopen?: (store: Store) => Promise<Store>;
}

/** A file per store; NORMAL, because nobody cuts the power and syncs take most of the time. */
export function sqliteAdapter(name: string, threads: boolean): Adapter {
  const folder = mkdtempSync(join(tmpdir(), "skein-conformance-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const paths = new Map<Store, string>();
  let files = 0;
  const open = (path: string): Store => {
    const store = sqliteStore({ path, threads, synchronous: "NORMAL" });
    paths.set(store, path);
    return store;
  };
  return {
    name,
    openStore: async () => open(join(folder, `${(files += 1)}.db`)),
    reopen: async (store) => {
      await store.close();
      return open(paths.get(store) ?? "");
    },
  };
}

/** One test per rule of the store contract; those that the adapter cannot keep are skipped with the reason. */
export function testConformance({ name, openStore, reopen }: Adapter): void {
  describe(`the ${name} store`, () => {
    const opened: Store[] = [];
    const remember = async (opening: Promise<Store>): Promise<Store> => {
      const store = await opening;
      opened.push(store);
      return store;
    };
    const context = {
      openStore: () => remember(openStore()),
      ...(reopen && { reopen: (store: Store) => remember(reopen(store)) }),
    };

    afterEach(async () => {
      await Promise.all(opened.splice(0).map((store) => store.close()));
    });

    test.for(storeConformance)("$name", async (rule, { skip }) => {
      const { capabilities } = await context.openStore();
      const reason = skipReason(rule, capabilities);
      if (reason !== undefined) skip(reason);
      await rule.run(context);
    });
  });
}
