import fc from "fast-check";
import { expect, test } from "vitest";
import { createEngine, memoryStore } from "../../src/index.ts";

const time = fc.integer({ min: 1_000, max: 1_020 });

test("a trim by time keeps what was said since, also when the clock goes back, and lets go of all before it", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(time, { minLength: 1, maxLength: 25 }),
      time,
      async (times, before) => {
        let now = 1_000;
        const engine = createEngine({ store: memoryStore(), clock: () => now });
        await engine.create({ id: "t" });
        for (const at of times) {
          now = at;
          await engine.append("t", { messages: [{ content: `${at}` }] });
        }
        const first = times.findIndex((at) => at >= before);
        const kept = first === -1 ? times.slice(-1) : times.slice(first);
        await engine.trim("t", { before });
        const { messages } = await engine.messages("t", { limit: 100 });
        expect(messages.map(({ createdAt }) => createdAt)).toEqual(kept);
        await engine.close();
      },
    ),
    { numRuns: 100 },
  );
});

test("a trim by time of a thread of many pages ends where it should", async () => {
  let now = 1_000;
  const engine = createEngine({ store: memoryStore(), clock: () => now });
  await engine.create({ id: "t" });
  const say = (count: number) =>
    engine.append("t", { messages: Array.from({ length: count }, () => ({ content: "a" })) });
  for (let turn = 0; turn < 9; turn++) await say(50);
  now = 2_000;
  await say(3);
  await engine.trim("t", { before: 2_000 });
  expect((await engine.messages("t")).trimmed).toBe(450);
  await engine.close();
});
