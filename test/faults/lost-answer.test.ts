import { setTimeout as sleep } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { createEngine, textOf } from "../../src/index.ts";
import type { Engine } from "../../src/index.ts";
import { isRetryable } from "../../src/engine/retry.ts";
import { describeServer } from "../support/servers/describe-server.ts";
import { layCable } from "../support/cable.ts";
import type { Cable } from "../support/cable.ts";
import { repeated } from "./repeated.ts";
import { SERVER_STORES } from "./server-stores.ts";
import type { ServerStoreKind } from "./server-stores.ts";

interface Fixture {
  readonly engine: Engine;
  readonly cable: Cable;
}

async function openThrough({ freshUrl, open }: ServerStoreKind): Promise<Fixture> {
  const cable = await layCable(await freshUrl());
  const engine = createEngine({ store: open(cable.url) });
  onTestFinished(async () => {
    await engine.close();
    await cable[Symbol.asyncDispose]();
  });
  return { engine, cable };
}

/** Every kind of write: alone in its thread, of several threads at once, of none. */
const writes: Readonly<Record<string, (engine: Engine, opId: string) => Promise<unknown>>> = {
  append: (engine, opId) => engine.append("t", { messages: [{ content: "b" }] }, { opId }),
  create: (engine, opId) => engine.create({ title: "new" }, { opId }),
  update: (engine, opId) => engine.update("t", { title: "renamed" }, { opId }),
  fork: (engine, opId) => engine.fork("t", {}, { opId }),
  redact: (engine, opId) => engine.redact("t", "m1", { opId }),
  delete: (engine, opId) => engine.delete("t", { opId }),
};

async function everything(engine: Engine): Promise<number> {
  const { items } = await engine.list({ limit: 200 });
  const logs = await Promise.all(items.map(({ id }) => engine.log(id, { limit: 1_000 })));
  return logs.flat().length;
}

function testLostAnswers(kind: ServerStoreKind): void {
  test.each(Object.entries(writes))(
    "the answer to %s is lost: a retry under the key has the result, and nothing is there twice",
    async (_name, write) => {
      const { engine, cable } = await openThrough(kind);
      await engine.create({ id: "t", messages: [{ id: "m1", content: "a" }] });
      const before = await everything(engine);
      cable.loseAnswerTo(kind.commit);
      const first = await repeated(() => write(engine, "key"));
      expect(cable.lost()).toBe(1);
      const after = await everything(engine);
      const again = await write(engine, "key");
      expect(again).toEqual(first);
      expect(await everything(engine)).toBe(after);
      expect(after).not.toBe(before);
      expect((await engine.check()).problems).toEqual([]);
    },
  );

  test("without a key, whoever is told of success is told the truth, and nobody's message is there twice", async () => {
    const { engine, cable } = await openThrough(kind);
    await engine.create({ id: "t" });
    cable.loseAnswersTo(kind.commit, (number) => number % 3 === 0);
    const told: string[] = [];
    const texts = Array.from({ length: 24 }, (_, index) => `message ${index}`);
    await Promise.all(
      texts.map(async (text, index) => {
        await sleep(index * 10);
        await engine.append("t", { messages: [{ content: text }] }).then(
          () => told.push(text),
          (error: unknown) => expect(isRetryable(error)).toBe(true),
        );
      }),
    );
    cable.loseAnswersTo(kind.commit, () => false);
    expect(cable.lost()).toBeGreaterThan(0);
    const { messages } = await engine.messages("t", { limit: 200 });
    const stored = messages.map(({ parts }) => textOf(parts));
    expect(new Set(stored).size).toBe(stored.length);
    expect(told.filter((text) => !stored.includes(text))).toEqual([]);
  });
}

for (const kind of SERVER_STORES)
  await describeServer(
    kind.server,
    `an engine on ${kind.title} that misses the answer to a commit`,
    () => {
      testLostAnswers(kind);
    },
  );
