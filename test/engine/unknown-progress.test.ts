import { expect, test } from "vitest";
import { createEngine, memoryStore, SkeinError } from "../../src/index.ts";
import type { Engine, Store } from "../../src/index.ts";
import { opening, progress, reads, startRun, talk } from "./engine-case.ts";

interface Restarted {
  /** Knows nothing of the threads yet. */
  readonly engine: Engine;
  /** How many entries of logs it was given. */
  readonly entriesRead: () => number;
}

/** An engine whose first commit takes effect, and nobody says so. */
function restarted(store: Store, meanwhile: () => Promise<unknown> = async () => {}): Restarted {
  let isFirst = true;
  let entriesRead = 0;
  const changed: Pick<Store, "commit" | "listEntries"> = {
    commit: async (chains) => {
      const results = await store.commit(chains);
      if (!isFirst) return results;
      isFirst = false;
      await meanwhile();
      throw new SkeinError("store_unavailable", "The connection broke.");
    },
    listEntries: async (...asked) => {
      const entries = await store.listEntries(...asked);
      entriesRead += entries.length;
      return entries;
    },
  };
  const wrapped = new Proxy(store, {
    get(target, name): unknown {
      if (Object.hasOwn(changed, name)) return Reflect.get(changed, name);
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
  return { engine: createEngine({ store: wrapped }), entriesRead: () => entriesRead };
}

test("what a run wrote before the connection broke is found without reading the whole log", async () => {
  const store = memoryStore();
  const owner = createEngine({ store });
  const id = await talk(owner, ...Array.from({ length: 30 }, (_none, n) => `m${n}`));
  const run = await startRun(owner, id);
  const { engine, entriesRead } = restarted(store);
  await progress(engine, run, opening("answer"));
  expect(entriesRead()).toBe(1);
  const opened = (await owner.log(id)).filter(({ op }) => op === "message.open");
  expect(opened).toHaveLength(1);
  await store.close();
});

test("a trim between an unanswered write of a run and the next attempt does not fail the run", async () => {
  const store = memoryStore();
  const owner = createEngine({ store });
  const id = await talk(owner, "q1");
  await owner.branch(id, { name: "aside" });
  for (const said of ["q2", "q3", "q4", "q5"])
    await owner.append(id, { messages: [{ content: said }] });
  const run = await startRun(owner, id, "question", { branch: "aside" });
  const { engine } = restarted(store, () => owner.trim(id, { keepLast: 3 }));
  const unknown = progress(engine, run, opening("answer"));
  await expect(unknown).rejects.toMatchObject({ code: "store_unavailable" });
  expect((await owner.get(id)).trimmed?.messages).toBe(2);
  expect(await reads(owner, id)).toEqual(["q3", "q4", "q5"]);
  await store.close();
});
