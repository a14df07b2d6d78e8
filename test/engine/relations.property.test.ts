import assert from "node:assert/strict";
import fc from "fast-check";
import { test } from "vitest";
import { createEngine } from "../../src/engine/create-engine.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { isSkeinError } from "../../src/model/error.ts";
import { memoryStore } from "../../src/store/memory/memory-store.ts";
import { provesRelations } from "./relation-invariants.ts";

const THREADS = 5;
const KINDS = ["summary", "summary-of", "sub-agent", "continues", "mention", "related", "own"];

type Move = readonly [what: number, one: number, other: number, kind: number];

/** What can be done to the threads of a history. */
const MOVES: readonly ((
  engine: Engine,
  one: string,
  link: { readonly kind: string; readonly threadId: string },
) => Promise<unknown>)[] = [
  (engine, one, link) => engine.link(one, link),
  (engine, one, link) => engine.link(one, link),
  (engine, one, link) => engine.unlink(one, link),
  (engine, one) => engine.fork(one),
  (engine, one) => engine.spawnSubAgentThread(one, "Look it up"),
  (engine, one) => engine.createSummaryThread(one, "Short."),
  (engine, one) => engine.continueThread(one),
  (engine, one) => engine.delete(one),
  (engine, one) => engine.undelete(one),
  (engine, one) => engine.delete(one, { purge: true }),
];

const move: fc.Arbitrary<Move> = fc.tuple(
  fc.nat(MOVES.length - 1),
  fc.nat(30),
  fc.nat(30),
  fc.nat(KINDS.length - 1),
);

test("after any history every link stands in both threads, and none is its own ancestor", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(move, { maxLength: 40 }), async (history) => {
      const engine = createEngine({ store: memoryStore() });
      for (let id = 0; id < THREADS; id++) await engine.create({ id: `t${id}` });
      for (const each of history) await play(engine, each);
      await provesRelations(engine.store);
      await engine.close();
    }),
    { numRuns: 150 },
  );
});

async function play(engine: Engine, [what, one, other, kind]: Move): Promise<void> {
  const ids = (await engine.store.listKeys(null, 1_000)).map(({ id }) => id);
  const [from, to] = [ids[one % ids.length] ?? "", ids[other % ids.length] ?? ""];
  try {
    await MOVES[what]?.(engine, from, { kind: KINDS[kind] ?? "", threadId: to });
  } catch (error) {
    // A refusal changes nothing.
    if (!isSkeinError(error)) throw error;
    assert.notEqual(error.code, "overloaded", error.message);
  }
}
