import { expect, test } from "vitest";
import { createEngine, memoryStore } from "../../src/index.ts";
import type { Chain, Store } from "../../src/store/store.ts";

/** A store in which something happens just before a redaction is written. */
function interrupted(store: Store, meanwhile: () => Promise<unknown>): Store {
  let isFirst = true;
  const isRedaction = (chains: readonly Chain[]): boolean =>
    chains
      .flat(2)
      .some(({ writes }) =>
        writes.some(({ entries }) => entries.some(({ op }) => op === "message.redact")),
      );
  const once = async (): Promise<void> => {
    if (!isFirst) return;
    isFirst = false;
    await meanwhile();
  };
  const changed: Pick<Store, "commit" | "commitExclusive"> = {
    commit: async (chains) => {
      if (isRedaction(chains)) await once();
      return store.commit(chains);
    },
    commitExclusive: async (keys, decide) => {
      await once();
      return store.commitExclusive(keys, decide);
    },
  };
  return new Proxy(store, {
    get(target, name): unknown {
      if (Object.hasOwn(changed, name)) return Reflect.get(changed, name);
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

test.each([
  { forks: "no fork", before: [] },
  { forks: "another fork", before: ["early"] },
])(
  "a fork that is made while its origin's message is redacted has an entry of it, beside $forks",
  async ({ before }) => {
    const store = memoryStore();
    const owner = createEngine({ store });
    await owner.create({ id: "t", messages: [{ id: "secret", content: "the secret" }] });
    for (const id of before) await owner.fork("t", { id });
    const engine = createEngine({
      store: interrupted(store, () => owner.fork("t", { id: "late" })),
    });
    await engine.redact("t", "secret");
    for (const id of [...before, "late"]) {
      const told = (await owner.log(id)).filter(({ op }) => op === "message.redact");
      expect(told.map(({ data, actor }) => [data, actor])).toEqual([
        [{ messageId: "secret" }, "system"],
      ]);
      expect((await owner.get(id)).version).toBe(2);
      expect((await owner.message(id, "secret")).parts).toEqual([]);
    }
    expect((await owner.check()).problems).toEqual([]);
    await store.close();
  },
);
