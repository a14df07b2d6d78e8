import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { createSkein } from "../../src/agents/create-skein.ts";
import { isSkeinError } from "../../src/model/error.ts";
import { trackedWorkspace } from "../../src/files/tracked-workspace.ts";
import { memoryStore } from "../../src/store/memory/memory-store.ts";
import { lost, PATHS, play } from "./history.ts";
import type { Happening } from "./history.ts";
import { newFolder, treeOf } from "./tree.ts";
import type { Bench } from "./tree.ts";

// 10,000 of each in `npm run test:files`, which takes minutes.
const HISTORIES = process.env["SKEIN_LONG"] === undefined ? 60 : 10_000;

const happening = (who: readonly Happening["who"][]): fc.Arbitrary<Happening> =>
  fc.record({
    who: fc.constantFrom(...who),
    what: fc.constantFrom("write", "delete", "move", "edit"),
    path: fc.nat(PATHS.length - 1),
    other: fc.nat(PATHS.length - 1),
    content: fc.nat(3),
  });

const histories = (who: readonly Happening["who"][]): fc.Arbitrary<Happening[]> =>
  fc.array(happening(who), { minLength: 1, maxLength: 12 });

test("a rollback of everything brings the whole tree back, whatever tools did", async () => {
  await check(histories(["tool", "tool", "tracked", "rollback"]), async (bench, history) => {
    const before = treeOf(bench.root);
    await play(bench, history);
    const result = await allBack(bench, false);
    expect(result).not.toBe(false);
    expect(treeOf(bench.root)).toEqual(before);
  });
});

test("a rollback never destroys what somebody wrote since, whatever happened before", async () => {
  await check(
    histories(["tool", "tool", "tool", "outside", "tracked", "rollback"]),
    async (bench, history) => {
      const byHand = await play(bench, history);
      expect(lost(bench.root, byHand)).toEqual([]);
      const before = treeOf(bench.root);
      const result = await allBack(bench, false);
      expect(lost(bench.root, byHand)).toEqual([]);
      // All or nothing.
      if (result === false) expect(treeOf(bench.root)).toEqual(before);
    },
  );
});

test("what a forced rollback destroyed comes back when it is taken back", async () => {
  await check(histories(["tool", "outside", "tracked"]), async (bench, history) => {
    await play(bench, history);
    const before = treeOf(bench.root).filter((line) => !line.endsWith("/"));
    const done = await bench.workspace.rollback({ toVersion: 0 }, { force: true }).catch(none);
    if (done?.operationId == null) return;
    const undone = await bench.workspace.rollback({ operationId: done.operationId });
    expect(undone.isComplete).toBe(true);
    expect(treeOf(bench.root).filter((line) => !line.endsWith("/"))).toEqual(before);
  });
});

async function check(
  arbitrary: fc.Arbitrary<Happening[]>,
  property: (bench: Bench, history: Happening[]) => Promise<void>,
): Promise<void> {
  const root = newFolder();
  const skein = createSkein({ store: memoryStore(), worker: false });
  try {
    await fc.assert(
      fc.asyncProperty(arbitrary, async (history) => {
        rmSync(root, { recursive: true, force: true });
        mkdirSync(join(root, "d"), { recursive: true });
        writeFileSync(join(root, "a"), "text 0");
        writeFileSync(join(root, "d/c"), "text 1");
        const { thread } = await skein.create();
        const options = { root, skein, threadId: thread.id, name: "tests" };
        await using workspace = trackedWorkspace(options);
        await property({ root, skein, threadId: thread.id, workspace, text: () => null }, history);
      }),
      { numRuns: HISTORIES },
    );
  } finally {
    await skein.close();
  }
}

/** Whether anything was done; nothing to do counts. */
async function allBack({ workspace }: Bench, force: boolean): Promise<boolean> {
  try {
    return (await workspace.rollback({ toVersion: 0 }, { force })).isComplete;
  } catch (error) {
    if (isSkeinError(error, "change_not_found")) return true;
    throw error;
  }
}

function none(error: unknown): null {
  if (isSkeinError(error, "change_not_found")) return null;
  throw error;
}
