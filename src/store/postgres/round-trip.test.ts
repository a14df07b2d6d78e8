import { expect, test } from "vitest";
import { startCountingProxy } from "../../../test/support/counting-proxy.ts";
import type { CountingProxy } from "../../../test/support/counting-proxy.ts";
import { describeServer } from "../../../test/support/servers/describe-server.ts";
import { postgresUrl } from "../../../test/support/servers/servers.ts";
import { createEngine } from "../../engine/create-engine.ts";
import type { Engine } from "../../engine/engine.ts";
import type { RunAction } from "../../model/command.ts";
import { DEFAULT_TENANT as TENANT } from "../../model/principal.ts";
import type { Step } from "../../model/run.ts";
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

/** Of a commit that does what one statement cannot: locks, heads, rows, the place of one message. */
const MOST_STATEMENTS = 13;

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

  for (const options of ["", "?prepare=yes"])
    test(`is one statement and one round trip for all that a run does${options}`, async () => {
      await using counted = await openCounted(options);
      const { engine } = counted;
      const { thread, run } = await engine.create({ messages: [{ content: "q" }], run: {} });
      const { id: runId, fence } = await engine.worker.claim(TENANT, thread.id, run?.id ?? "");
      const report = async (...actions: readonly RunAction[]): Promise<void> => {
        await engine.worker.progress(TENANT, thread.id, { runId, fence, actions });
      };
      const author = { kind: "agent", id: "assistant" } as const;
      const step = stepOf(runId, fence);
      await report(
        { kind: "step.start", step },
        { kind: "message.open", id: "m1", role: "assistant", author },
      );
      await report(
        {
          kind: "message.commit",
          id: "m1",
          parts: [{ type: "tool-call", callId: "c1", name: "look", inputText: "{}" }],
          status: "completed",
          usage: { inputTokens: 1, outputTokens: 2 },
        },
        { kind: "step.end", step: { ...step, status: "completed", endedAt: 2 } },
      );
      await report(
        { kind: "step.start", step: { ...step, id: "s2", key: "tool:c1", kind: "tool" } },
        { kind: "message.append", message: { id: "m2", role: "tool", parts: [result] } },
        {
          kind: "step.end",
          step: { ...step, id: "s2", key: "tool:c1", kind: "tool", status: "completed" },
        },
      );
      await report({ kind: "run.event", event: "complete" });
      const next = await engine.append(thread.id, { messages: [{ content: "more" }], run: {} });
      await engine.cancelRun(thread.id, next.run?.id ?? "");
      expect(counted.taken()).toEqual(Array.from({ length: 8 }, () => ONCE));
      const steps = await engine.steps(thread.id, runId);
      expect(steps.map(({ key, status }) => `${key} ${status}`)).toEqual([
        "model:1 completed",
        "tool:c1 completed",
      ]);
      const runs = await engine.runs(thread.id);
      expect(runs.items.map(({ status }) => status)).toEqual(["cancelled", "completed"]);
    });

  test("is one transaction when words that waited take their place", async () => {
    await using counted = await openCounted("");
    const { engine } = counted;
    const { thread, run } = await engine.create({ messages: [{ content: "q" }], run: {} });
    const { id: runId, fence } = await engine.worker.claim(TENANT, thread.id, run?.id ?? "");
    await engine.append(thread.id, { messages: [{ content: "waits" }] });
    expect(counted.taken()).toEqual([ONCE, ONCE, ONCE]);
    const end = { kind: "run.event", event: "complete" } as const;
    await engine.worker.progress(TENANT, thread.id, { runId, fence, actions: [end] });
    const [cost, ...others] = counted.taken();
    expect(others).toEqual([]);
    expect(cost?.statements).toBeLessThanOrEqual(MOST_STATEMENTS);
    const { messages } = await engine.messages(thread.id);
    expect(messages.map(({ status }) => status)).toEqual(messages.map(() => "completed"));
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

const result = {
  type: "tool-result",
  callId: "c1",
  name: "look",
  outcome: "ok",
  output: { type: "text", text: "seen" },
} as const;

function stepOf(runId: string, fence: number): Step {
  return {
    runId,
    fence,
    key: "model:1",
    id: "s1",
    kind: "model",
    name: "demo",
    agentId: "assistant",
    attempt: 1,
    status: "running",
    startedAt: 1,
  };
}

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
