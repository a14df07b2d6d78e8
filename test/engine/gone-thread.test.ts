import { expect, test } from "vitest";
import { createEngine, memoryStore } from "../../src/index.ts";
import type { Store } from "../../src/index.ts";

interface Losing {
  readonly store: Store;
  /** The thread is gone without an entry, as a session whose time is over; then something happens elsewhere. */
  readonly lose: () => void;
  /** How often it was looked for since. */
  readonly looks: () => number;
  readonly tell: () => void;
}

function losing(store: Store): Losing {
  const listeners = new Set<() => void>();
  let isGone = false;
  let looks = 0;
  const tell = (): void => {
    for (const listener of listeners) listener();
  };
  const changed: Pick<Store, "capabilities" | "loadThread" | "watch"> = {
    capabilities: { ...store.capabilities, multiProcess: true },
    loadThread: async (...asked) => {
      looks += 1;
      return isGone ? null : store.loadThread(...asked);
    },
    watch: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
  const wrapped = new Proxy(store, {
    get(target, name): unknown {
      if (Object.hasOwn(changed, name)) return Reflect.get(changed, name);
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
  return {
    store: wrapped,
    tell,
    looks: () => looks,
    lose: () => {
      isGone = true;
      tell();
    },
  };
}

test("who follows a thread learns that its store let go of it", async () => {
  const { store, lose } = losing(memoryStore());
  const engine = createEngine({ store });
  await engine.create({ id: "t" });
  const entries = engine.observe("t")[Symbol.asyncIterator]();
  expect((await entries.next()).value).toMatchObject({ version: 1 });
  const next = entries.next();
  setImmediate(lose);
  await expect(next).rejects.toMatchObject({ code: "thread_not_found" });
  await engine.close();
});

test("who follows a deleted thread hears of its return", async () => {
  const { store, tell } = losing(memoryStore());
  const engine = createEngine({ store });
  await engine.create({ id: "t" });
  const entries = engine.observe("t", { after: 1 })[Symbol.asyncIterator]();
  const first = entries.next();
  await engine.delete("t");
  expect((await first).value).toMatchObject({ op: "thread.delete" });
  const next = entries.next();
  tell();
  setImmediate(() => void engine.undelete("t"));
  expect((await next).value).toMatchObject({ op: "thread.undelete" });
  await engine.close();
});

test("news of other threads do not make an observer look for its own again and again", async () => {
  const { store, tell, looks } = losing(memoryStore());
  const engine = createEngine({ store });
  await engine.create({ id: "t" });
  const before = looks();
  const stop = new AbortController();
  const entries = engine.observe("t", { signal: stop.signal })[Symbol.asyncIterator]();
  await entries.next();
  const next = entries.next();
  for (let gap = 0; gap < 20; gap++) {
    tell();
    await new Promise(setImmediate);
  }
  stop.abort();
  expect((await next).done).toBe(true);
  expect(looks() - before).toBe(2);
  await engine.close();
});
