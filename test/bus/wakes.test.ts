import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { localBus } from "../../src/bus/local-bus.ts";
import { createEngine } from "../../src/engine/create-engine.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { sqliteStore } from "../../src/store/sqlite/sqlite-store.ts";
import type { Store } from "../../src/store/store.ts";

/** A store that counts how often each log is read, and whose watch would be noticed. */
function counting(store: Store): {
  readonly store: Store;
  readonly reads: Map<string, number>;
  readonly watches: () => number;
} {
  const reads = new Map<string, number>();
  let watches = 0;
  const counted: Pick<Store, "listEntries" | "watch"> = {
    listEntries: (key, after, limit, maxBytes) => {
      reads.set(key.id, (reads.get(key.id) ?? 0) + 1);
      return store.listEntries(key, after, limit, maxBytes);
    },
    watch: () => {
      watches += 1;
      return () => undefined;
    },
  };
  const proxied = new Proxy(store, {
    get(target, name): unknown {
      if (Object.hasOwn(counted, name)) return Reflect.get(counted, name);
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
  return { store: proxied, reads, watches: () => watches };
}

async function observed(engine: Engine, id: string, after: number, signal: AbortSignal) {
  const versions: number[] = [];
  for await (const { version } of engine.observe(id, { after, signal })) {
    versions.push(version);
    if (versions.length === 3) break;
  }
  return versions;
}

test("a commit of another process wakes only who follows its thread", async () => {
  const folder = mkdtempSync(join(tmpdir(), "skein-wakes-"));
  const path = join(folder, "skein.db");
  const bus = localBus();
  const writer = createEngine({ store: sqliteStore({ path }), bus });
  const { store, reads, watches } = counting(sqliteStore({ path }));
  const reader = createEngine({ store, bus });
  for (const id of ["loud", "quiet"]) await writer.create({ id });
  const stop = new AbortController();
  const quiet = observed(reader, "quiet", 1, stop.signal);
  const loud = observed(reader, "loud", 1, stop.signal);
  // Both have begun, and looked again because listening has begun.
  while ((reads.get("quiet") ?? 0) < 2 || (reads.get("loud") ?? 0) < 2)
    await new Promise(setImmediate);
  const before = reads.get("quiet");
  for (let number = 1; number <= 3; number++)
    await writer.append("loud", { messages: [{ role: "user", content: `${number}` }] });
  expect(await loud).toEqual([2, 3, 4]);
  expect(reads.get("quiet")).toBe(before);
  expect(watches()).toBe(0);
  stop.abort();
  expect(await quiet).toEqual([]);
  await reader.close();
  await writer.close();
  rmSync(folder, { recursive: true, force: true });
});

test("without a bus the store's watch is used", async () => {
  const folder = mkdtempSync(join(tmpdir(), "skein-wakes-"));
  const { store, watches } = counting(sqliteStore({ path: join(folder, "skein.db") }));
  const engine = createEngine({ store });
  await engine.create({ id: "t" });
  const stop = new AbortController();
  const following = observed(engine, "t", 1, stop.signal);
  while (watches() === 0) await new Promise(setImmediate);
  stop.abort();
  await following;
  expect(watches()).toBe(1);
  await engine.close();
  rmSync(folder, { recursive: true, force: true });
});
