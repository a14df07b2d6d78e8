import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { create, EVERYBODY, extend, keyOf, reader, TENANT } from "../conformance/fixture.ts";
import { originOf, redact, say } from "../conformance/message-fixture.ts";
import { memoryStore } from "../memory/memory-store.ts";
import { fromRepository } from "../repository/from-repository.ts";
import { sqliteStore } from "../sqlite/sqlite-store.ts";
import type { Message } from "../../model/message.ts";
import type { ThreadHead } from "../../model/thread.ts";
import type { Store } from "../store.ts";
import { cached } from "./cached.ts";
import type { CacheOptions } from "./cached.ts";

const ends: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

/** A store that counts the calls which bring a payload. */
function counting(store: Store): { readonly store: Store; readonly calls: Map<string, number> } {
  const calls = new Map<string, number>();
  const counted = (name: string): void => void calls.set(name, (calls.get(name) ?? 0) + 1);
  const wrapped = new Proxy(store, {
    get(target, name) {
      if (name === "readPath" || name === "listEntries") counted(name);
      if (name === "loadThread")
        return async (...query: Parameters<Store["loadThread"]>) => {
          const found = await target.loadThread(...query);
          counted(found === "unchanged" ? "proof" : "loadThread");
          return found;
        };
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
  return { store: wrapped, calls };
}

function pathOf(store: Store, head: ThreadHead): Promise<readonly Message[]> {
  const main = head.branches["main"];
  if (main === undefined) throw new Error("No main branch.");
  return store.readPath(TENANT, main, { minDepth: 0, maxDepth: 100 });
}

/** Two stores on one file, the first one cached, as two processes have it. */
function twoProcesses(options?: CacheOptions): readonly [Store, Store] {
  const folder = mkdtempSync(join(tmpdir(), "skein-cached-"));
  const [one, two] = [1, 2].map(() => sqliteStore({ path: join(folder, "skein.db") }));
  if (one === undefined || two === undefined) throw new Error("No stores.");
  ends.push(async () => {
    await Promise.all([one.close(), two.close()]);
    rmSync(folder, { recursive: true });
  });
  return [cached(one, options), two];
}

test("what was read once is not loaded again while the version stays", async () => {
  const inner = counting(memoryStore());
  const store = cached(inner.store);
  const head = await extend(store, "t", [create("t"), say("a", "one")]);
  const first = [
    await store.loadThread(EVERYBODY, "t"),
    await pathOf(store, head),
    await store.listEntries(keyOf("t"), 0, 10),
  ];
  const before = new Map(inner.calls);
  const second = [
    await store.loadThread(EVERYBODY, "t"),
    await pathOf(store, head),
    await store.listEntries(keyOf("t"), 0, 10),
  ];
  expect(second).toEqual(first);
  for (const name of ["loadThread", "readPath", "listEntries"])
    expect(inner.calls.get(name)).toBe(before.get(name));
  expect(inner.calls.get("proof")).toBe((before.get("proof") ?? 0) + 3);
});

test("a known version that is the stored one is unchanged, whatever is kept", async () => {
  const [store, other] = twoProcesses();
  await extend(store, "t", [create("t")]);
  expect(await store.loadThread(EVERYBODY, "t")).toMatchObject({ version: 1 });
  await extend(other, "t", [say("a", "one")]);
  expect(await store.loadThread(EVERYBODY, "t", 2)).toBe("unchanged");
  expect(await store.loadThread(EVERYBODY, "t", 1)).toMatchObject({ version: 2 });
});

test("many who ask at once cause one load, and each of them is checked", async () => {
  const inner = counting(memoryStore());
  const store = cached(inner.store);
  const head = await extend(store, "t", [create("t", { owner: "alice" }), say("a", "one")]);
  const users = [...Array.from({ length: 20 }, () => "alice"), "mallory"];
  const heads = await Promise.all(users.map((user) => store.loadThread(reader(user), "t")));
  expect(heads.map((it) => it !== null)).toEqual(users.map((user) => user === "alice"));
  // Mallory's refusal brings no payload either.
  expect(inner.calls.get("loadThread")).toBe(2);
  await Promise.all(users.map(() => pathOf(store, head)));
  expect(inner.calls.get("readPath")).toBe(1);
});

test("a kept thread is not shown to who may not see it, or not any more", async () => {
  const [store, other] = twoProcesses();
  await extend(store, "t", [create("t", { members: { bob: "viewer" } })]);
  expect(await store.loadThread(reader("bob"), "t")).toMatchObject({ version: 1 });
  expect(await store.loadThread(reader("mallory"), "t")).toBeNull();
  await extend(other, "t", [{ op: "member.remove", data: { user: "bob" } }]);
  expect(await store.loadThread(reader("bob"), "t")).toBeNull();
  expect(await store.loadThread(reader("alice"), "t")).toMatchObject({ version: 2 });
});

test("what another process writes, redacts or purges is never served as it was", async () => {
  const [store, other] = twoProcesses();
  const head = await extend(store, "t", [create("t"), say("a", "secret"), say("b", "last")]);
  const read = async (): Promise<string> =>
    JSON.stringify([await pathOf(store, head), await store.listEntries(keyOf("t"), 0, 10)]);
  await read();
  expect(await read()).toContain("secret");
  await extend(other, "t", [say("c", "more")]);
  expect(await read()).toContain("more");
  await extend(other, "t", [redact("a")]);
  expect(await read()).not.toContain("secret");
  await extend(other, "t", [{ op: "thread.purge", data: {} }]);
  expect(await read()).not.toContain("last");
});

test("what a fork shows of a purged origin follows its heir in another process", async () => {
  const [store, other] = twoProcesses();
  const origin = await extend(store, "t", [create("t"), say("a", "secret"), say("b", "last")]);
  const fork = await extend(store, "f", [create("f", {}, originOf(origin))]);
  await extend(store, "g", [create("g", {}, originOf(origin))]);
  await extend(store, "t", [{ op: "thread.purge", data: {} }]);
  for (const _twice of [1, 2]) expect((await pathOf(store, fork))[0]?.parts).toHaveLength(1);
  await extend(other, "g", [redact("a")]);
  expect((await pathOf(store, fork))[0]).toMatchObject({ redacted: true, parts: [] });
});

test("what is written through the cache reaches every thread that it changes", async () => {
  const store = cached(memoryStore());
  const origin = await extend(store, "t", [create("t"), say("a", "secret"), say("b", "last")]);
  await extend(store, "f", [create("f", {}, originOf(origin))]);
  for (const _twice of [1, 2]) await pathOf(store, origin);
  await extend(store, "f", [redact("a")]);
  expect((await pathOf(store, origin))[0]).toMatchObject({ redacted: true, parts: [] });
});

test("what is kept stays within the bound", async () => {
  const inner = counting(memoryStore());
  const store = cached(inner.store, { maxBytes: 20_000 });
  const ids = Array.from({ length: 30 }, (_none, index) => `t${index}`);
  for (const id of ids) await extend(store, id, [create(id)]);
  const read = async (): Promise<void> => {
    for (const id of ids) await store.loadThread(EVERYBODY, id);
  };
  await read();
  await read();
  // Each was driven out by the others before it was asked for again.
  expect(inner.calls.get("loadThread")).toBe(60);
  await store.loadThread(EVERYBODY, "t29");
  expect(inner.calls.get("loadThread")).toBe(60);
});

test("a closed store answers nothing that it kept", async () => {
  const store = cached(memoryStore());
  await extend(store, "t", [create("t")]);
  await store.loadThread(EVERYBODY, "t");
  await store.close();
  await expect(store.loadThread(EVERYBODY, "t")).rejects.toMatchObject({ code: "store_closed" });
});

test("whatever else the store can do, it can do cached", async () => {
  const repository = {
    getThread: async () => null,
    putThread: async () => {},
    deleteThread: async () => {},
  };
  const store = cached(fromRepository({ ...repository, deleteThreadsOlderThan: async () => 3 }));
  expect(await store.deleteThreadsOlderThan(new Date())).toBe(3);
  expect(store.name).toBe("repository");
});

test.for<[CacheOptions, string]>([
  [{ ttl: 0 }, "ttl"],
  [{ ttl: Number.NaN }, "ttl"],
  [{ ttl: "0m" }, "ttl"],
  // @ts-expect-error  a unit is missing
  [{ ttl: "30" }, "ttl"],
  // @ts-expect-error  no such unit
  [{ ttl: "3 weeks" }, "ttl"],
  [{ maxBytes: 0 }, "maxBytes"],
  [{ maxBytes: 1.5 }, "maxBytes"],
])("options %j are refused by name", ([options, field]) => {
  expect(() => cached(memoryStore(), options)).toThrow(
    expect.objectContaining({ code: "invalid_request", field }),
  );
});
