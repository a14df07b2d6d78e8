import { expect, test } from "vitest";
import { createEngine } from "../../src/engine/create-engine.ts";
import { fromRepository } from "../../src/store/repository/from-repository.ts";
import type { RepositoryThread } from "../../src/store/repository/thread-repository.ts";

test("related threads are found in a repository that is opened again", async () => {
  const records = new Map<string, RepositoryThread>();
  const open = () =>
    createEngine({
      store: fromRepository({
        getThread: async (id) => records.get(id),
        putThread: async (thread) => void records.set(thread.id, structuredClone(thread)),
        deleteThread: async (id) => void records.delete(id),
      }),
    });
  const engine = open();
  await engine.create({ id: "a", messages: [{ content: "hello" }] });
  const summary = await engine.createSummaryThread("a", "Short.");
  const next = await engine.continueThread("a");
  const { edges } = await open().related(next.id);
  const found = new Set(edges.map(({ from, kind, to }) => `${from} ${kind} ${to}`));
  expect(found).toEqual(new Set([`a continuation ${next.id}`, `a summary ${summary.id}`]));
});
