import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, describe, expect, test } from "vitest";
import { createEngine } from "../../src/engine/create-engine.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { sqliteStore } from "../../src/store/sqlite/sqlite-store.ts";
import type { Store } from "../../src/store/store.ts";
import type { EngineCase, EngineContext } from "./engine-case.ts";
import { engineCases } from "./engine-cases.ts";

export interface EngineOptions {
  readonly store: Store;
  readonly clock: () => number;
}

export interface Adapter {
  readonly name: string;
  /** Opens new data, or the data of `beside` once more. */
  readonly open: (beside?: Store) => Store | Promise<Store>;
  /** Makes what is called as an engine. Default: the engine itself. */
  readonly engineOver?: (options: EngineOptions) => Engine | Promise<Engine>;
  /** Default: all of them. */
  readonly cases?: readonly EngineCase[];
  /** Cases that are not for it, with the reason. */
  readonly unable?: Readonly<Record<string, string>>;
}

/** A file per engine, and a store per engine that is opened beside another. */
export function sqliteAdapter(name: string, threads: boolean): Adapter {
  const folder = mkdtempSync(join(tmpdir(), "skein-engine-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  let files = 0;
  const paths = new WeakMap<Store, string>();
  return {
    name,
    open: (beside) => {
      const path = (beside && paths.get(beside)) ?? join(folder, `${(files += 1)}.db`);
      // Nobody cuts the power, and syncs take most of the time.
      const store = sqliteStore({ path, threads, synchronous: "NORMAL" });
      paths.set(store, path);
      return store;
    },
  };
}

/** One test per promise of the engine. */
export function testEngine({
  name,
  open,
  engineOver = createEngine,
  cases = engineCases,
  unable = {},
}: Adapter): void {
  describe(`the engine over ${name}`, () => {
    const opened: Engine[] = [];
    const stores = new Map<Engine, Store>();

    afterEach(async () => {
      await Promise.all(opened.splice(0).map((engine) => engine.close()));
      stores.clear();
    });

    test("leaves out only cases that there are", () => {
      const names = new Set(engineCases.map((engineCase) => engineCase.name));
      expect(Object.keys(unable).filter((left) => !names.has(left))).toEqual([]);
      expect(Object.values(unable).filter((reason) => reason.length < 20)).toEqual([]);
    });

    // Every commit has a time of its own, so that lists have one order.
    let now = Date.UTC(2026, 0, 1);
    const clock = (): number => (now += 1);

    const remember = async (store: Store, wrapped: Store): Promise<Engine> => {
      const engine = await engineOver({ store: wrapped, clock });
      opened.push(engine);
      stores.set(engine, store);
      return engine;
    };
    const context: EngineContext = {
      openEngine: async (wrap = (store) => store) => {
        const store = await open();
        return remember(store, wrap(store));
      },
      openBeside: async (engine) => {
        const store = await open(stores.get(engine));
        return remember(store, store);
      },
    };

    test.for(cases)("$name", { timeout: 120_000 }, async (engineCase, { skip }) => {
      const { run, requires } = engineCase;
      const reason = unable[engineCase.name];
      if (reason !== undefined) skip(reason);
      if (requires !== undefined) {
        const { capabilities } = (await context.openEngine()).store;
        if (!requires.isMet(capabilities)) skip(requires.reason);
      }
      await run(context);
    });
  });
}
