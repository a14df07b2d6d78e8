import { setImmediate as nextTurn } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { createEngine } from "../../src/engine/create-engine.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { memoryStore } from "../../src/store/memory/memory-store.ts";

const THREADS = ["a", "b", "c", "d", "e", "f", "g", "h"];

/** An engine, and how many threads each of its commits wrote. */
function countingEngine(): { readonly engine: Engine; readonly commits: number[] } {
  const store = memoryStore();
  const commits: number[] = [];
  const commit = store.commit.bind(store);
  store.commit = (chains) => {
    commits.push(chains.length);
    return commit(chains);
  };
  const engine = createEngine({ store });
  onTestFinished(() => engine.close());
  return { engine, commits };
}

test("callers that come back in one turn after another are written together", async () => {
  const { engine, commits } = countingEngine();
  await Promise.all(THREADS.map((id) => engine.create({ id })));
  expect(commits).toEqual([THREADS.length]);
  const appends = [];
  for (const id of THREADS) {
    appends.push(engine.append(id, { messages: [{ content: "Again." }] }));
    await nextTurn();
  }
  await Promise.all(appends);
  expect(commits).toEqual([THREADS.length, THREADS.length]);
});

test("who comes back alone does not wait for the others", async () => {
  const { engine, commits } = countingEngine();
  await Promise.all(THREADS.map((id) => engine.create({ id })));
  await engine.append("a", { messages: [{ content: "Alone." }] });
  expect(commits).toEqual([THREADS.length, 1]);
});
