import { expect, test } from "vitest";
import type { Store } from "../store.ts";
import { decide } from "../../model/decide/decide.ts";
import { NO_FACTS } from "../../model/facts.ts";
import { LOCAL_PRINCIPAL } from "../../model/principal.ts";
import { MAIN } from "../../model/thread.ts";
import type { ThreadHead } from "../../model/thread.ts";
import type { Command } from "../../model/command.ts";
import { fromRepository } from "./from-repository.ts";
import type { RepositoryThread, ThreadRepository } from "./thread-repository.ts";

const KEY = { tenant: "default", id: "t" };
const WHOLE = { minDepth: 0, maxDepth: Number.MAX_SAFE_INTEGER };

test("a trimmed thread comes back from a repository as it was", async () => {
  const records = new Map<string, RepositoryThread>();
  const repository: ThreadRepository = {
    getThread: async (id) => records.get(id),
    putThread: async (thread) => void records.set(thread.id, structuredClone(thread)),
    deleteThread: async (id) => void records.delete(id),
  };
  const store = fromRepository(repository);
  const said = ["a", "b", "c"].map((id) => ({
    id,
    role: "user" as const,
    parts: [{ type: "text" as const, text: `said ${id}` }],
  }));
  const system = { ...said[0], id: "s", role: "system" as const, parts: said[0]?.parts ?? [] };
  const messages = [system, ...said];
  await carryOut(store, { type: "create", owner: "o", append: { type: "append", messages } });
  const { segment, position } = (await headOf(store)).branches[MAIN] ?? expect.fail();
  const floor = { messageId: "c", segment, position, depth: 3, trimmed: 2 };
  const policy = { keepLast: 1 };
  const branches = [{ branch: MAIN, head: { segment, position }, floor }];
  await carryOut(store, { type: "trim", policy, branches });

  const again = fromRepository(repository);
  const head = await headOf(again);
  expect(head).toEqual(await headOf(store));
  const read = (from: Store): unknown =>
    from.readPath(KEY.tenant, head.branches[MAIN] ?? expect.fail(), WHOLE);
  expect(await read(again)).toEqual(await read(store));
  expect(await read(again)).toHaveLength(2);
  expect(records.get("t")?.messages.map(({ id }) => id)).toEqual(["s", "c"]);
  expect(records.get("t")?.log).not.toContain("said b");
  await expect(again.listEntries(KEY, 1, 10)).rejects.toMatchObject({ code: "trimmed" });
});

async function headOf(store: Store): Promise<ThreadHead> {
  const [head] = await store.loadHeads([KEY]);
  return head ?? expect.fail();
}

async function carryOut(store: Store, command: Command): Promise<void> {
  const [before = null] = await store.loadHeads([KEY]);
  const { entries, head: after } = decide(before, command, NO_FACTS, {
    threadId: KEY.id,
    principal: LOCAL_PRINCIPAL,
    actor: "user:o",
    at: 1_000,
    opId: "op",
    spareId: (slot) => `spare${slot}`,
  });
  const write = { key: KEY, base: before?.version ?? 0, entries, before, after, givenIds: [] };
  expect(await store.commit([[{ writes: [write] }]])).toEqual([["committed"]]);
}
