import { expect, test } from "vitest";
import { createEngine, memoryStore } from "../../src/index.ts";
import type { Store } from "../../src/index.ts";

/** A store that counts the instructions that are read to count them. */
function counting(store: Store): { readonly store: Store; readonly taken: () => number } {
  let rows = 0;
  const readPath: Store["readPath"] = async (tenant, end, range) => {
    const read = await store.readPath(tenant, end, range);
    if (range.roles !== undefined) rows += read.length;
    return read;
  };
  const counted = new Proxy(store, {
    get(target, name): unknown {
      if (name === "readPath") return readPath;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
  return {
    store: counted,
    taken: () => {
      const taken = rows;
      rows = 0;
      return taken;
    },
  };
}

test("a trim reads the instructions that it cuts below once, however many branches share them", async () => {
  const { store, taken } = counting(memoryStore());
  const engine = createEngine({ store });
  await engine.create({ id: "t" });
  const say = (role: "system" | "user", branch = "main") =>
    engine.append("t", { branch, messages: [{ role, content: "a" }] });
  const talk = async (turns: number): Promise<void> => {
    for (let turn = 0; turn < turns; turn++) {
      await say("system");
      await say("user");
    }
  };
  await talk(10);
  for (const name of ["b", "c", "d"]) await engine.branch("t", { name });
  await say("user", "b");
  await engine.trim("t", { keepLast: 2 });
  expect(taken()).toBe(9);
  for (const branch of ["main", "b", "c", "d"]) {
    const { messages, trimmed } = await engine.messages("t", { branch, limit: 100 });
    expect(trimmed).toBe(8);
    expect(messages.filter(({ role }) => role === "system")).toHaveLength(10);
  }
  for (const name of ["b", "c", "d"]) await engine.removeBranch("t", name);
  await talk(3);
  taken();
  await engine.trim("t", { keepLast: 2 });
  expect(taken()).toBe(3);
  const { messages, trimmed } = await engine.messages("t", { limit: 100 });
  expect([messages.length, trimmed]).toEqual([15, 11]);
  await engine.close();
});
