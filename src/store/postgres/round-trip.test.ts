import { expect, test } from "vitest";
import { startCountingProxy } from "../../../test/support/counting-proxy.ts";
import type { CountingProxy } from "../../../test/support/counting-proxy.ts";
import { describeServer } from "../../../test/support/servers/describe-server.ts";
import { postgresUrl } from "../../../test/support/servers/servers.ts";
import { createEngine } from "../../engine/create-engine.ts";
import type { Engine } from "../../engine/engine.ts";
import { encodeChains } from "../sql/encode-write.ts";
import { ThreadIds } from "../sql/thread-ids.ts";
import type { Store } from "../store.ts";
import { openBackend } from "./postgres-backend.ts";
import { parsePlace } from "./postgres-place.ts";
import { postgresStore } from "./postgres-store.ts";

interface Cost {
  readonly chains: number;
  readonly roundTrips: number;
  readonly statements: number;
}

interface Counted extends AsyncDisposable {
  readonly engine: Engine;
  /** What each commit since the last call cost. */
  taken(): readonly Cost[];
}

const ONCE = { chains: 1, roundTrips: 1, statements: 1 };

await describeServer("postgres", "a commit on PostgreSQL", () => {
  for (const options of ["", "?prepare=yes"])
    test(`is one statement and one round trip, whatever a turn does${options}`, async () => {
      await using counted = await openCounted(options);
      const { engine } = counted;
      const { thread } = await engine.create({ title: "t" });
      expect(counted.taken()).toEqual([ONCE]);
      await engine.append(thread.id, { messages: [{ content: "hello" }] });
      await engine.append(thread.id, {
        messages: [{ content: "one" }, { role: "assistant", content: 'two "three"' }],
      });
      await engine.append(thread.id, { messages: [{ id: "given", content: "more" }] });
      expect(counted.taken()).toEqual([ONCE, ONCE, ONCE]);
    });

  test("is one statement and one round trip for a batch of many threads", async () => {
    await using counted = await openCounted("");
    const { engine } = counted;
    const threads = await Promise.all(
      Array.from({ length: 64 }, () => engine.create({ title: "t" })),
    );
    const append = (): Promise<unknown> =>
      Promise.all(
        threads.map(({ thread }, n) =>
          engine.append(thread.id, { messages: [{ content: `{"${n}\\,NULL}` }] }),
        ),
      );
    await append();
    counted.taken();
    await append();
    const costs = counted.taken();
    expect(costs.reduce((sum, { chains }) => sum + chains, 0)).toBe(64);
    expect(costs.map(({ roundTrips, statements }) => [roundTrips, statements])).toEqual(
      costs.map(() => [1, 1]),
    );
    const { messages } = await engine.messages(threads[7]?.thread.id ?? "", {});
    expect(messages.map(({ parts }) => parts)).toEqual(
      messages.map(() => [{ type: "text", text: '{"7\\,NULL}' }]),
    );
  });
});

/** An engine whose commits go through a proxy that counts, and nothing else does. */
async function openCounted(options: string): Promise<Counted> {
  const url = await postgresUrl();
  const store = postgresStore(url);
  const proxy = await startCountingProxy(url);
  const backend = await openBackend(parsePlace(proxy.url + options));
  const ids = new ThreadIds();
  const costs: Cost[] = [];
  const commit: Store["commit"] = async (chains) => {
    const before = readingOf(proxy);
    const { results } = await backend.commit(encodeChains(chains), ids);
    const after = readingOf(proxy);
    costs.push({
      chains: chains.length,
      roundTrips: after.roundTrips - before.roundTrips,
      statements: after.statements - before.statements,
    });
    return results;
  };
  const counting = new Proxy(store, {
    get: (target, name) => {
      if (name === "commit") return commit;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
  const engine = createEngine({ store: counting });
  return {
    engine,
    taken: () => costs.splice(0),
    [Symbol.asyncDispose]: async () => {
      await engine.close();
      await backend.close();
      await proxy[Symbol.asyncDispose]();
    },
  };
}

function readingOf({ roundTrips, statements }: CountingProxy): Omit<Cost, "chains"> {
  return { roundTrips, statements };
}
