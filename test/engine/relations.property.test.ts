import assert from "node:assert/strict";
import fc from "fast-check";
import { test } from "vitest";
import { createEngine } from "../../src/engine/create-engine.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { isSkeinError } from "../../src/model/error.ts";
import type { ThreadLink } from "../../src/model/thread.ts";
import { memoryStore } from "../../src/store/memory/memory-store.ts";
import { provesRelations } from "./relation-invariants.ts";

const THREADS = 5;
const KINDS = ["summary", "summary-of", "sub-agent", "continues", "mention", "related", "own"];

type Move = readonly [what: number, one: number, other: number, kind: number];

type Link = Pick<ThreadLink, "kind" | "threadId">;

/** What can be done to the threads of a history, and how often it is, compared with the others. */
const MOVES: readonly (readonly [
  weight: number,
  carryOut: (engine: Engine, one: string, link: Link, which: number) => Promise<unknown>,
])[] = [
  [8, (engine, one, link) => engine.link(one, link)],
  [2, unlinkSome],
  [1, (engine, one, link) => engine.unlink(one, link)],
  [1, (engine, one) => engine.fork(one)],
  [1, (engine, one) => engine.spawnSubAgentThread(one, "Look it up")],
  [1, (engine, one) => engine.createSummaryThread(one, "Short.")],
  [1, (engine, one) => engine.continueThread(one)],
  [1, (engine, one) => engine.delete(one)],
  [1, (engine, one) => engine.undelete(one)],
  [1, (engine, one) => engine.delete(one, { purge: true })],
];

const move: fc.Arbitrary<Move> = fc.tuple(
  fc.oneof(...MOVES.map(([weight], index) => ({ weight, arbitrary: fc.constant(index) }))),
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
  // Often the first ones, so that links meet.
  const idAt = (number: number): string => ids[number % (number > 20 ? ids.length : THREADS)] ?? "";
  try {
    const link = { kind: KINDS[kind] ?? "", threadId: idAt(other) };
    await MOVES[what]?.[1](engine, idAt(one), link, other);
  } catch (error) {
    // A refusal changes nothing.
    if (!isSkeinError(error)) throw error;
    assert.notEqual(error.code, "overloaded", error.message);
  }
}

async function unlinkSome(engine: Engine, one: string, _link: Link, which: number): Promise<void> {
  const { links = [] } = await engine.get(one);
  const link = links[which % Math.max(1, links.length)];
  if (link !== undefined) await engine.unlink(one, link);
}
