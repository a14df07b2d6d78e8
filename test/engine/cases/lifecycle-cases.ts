import assert from "node:assert/strict";
import type { CallOptions } from "../../../src/engine/engine.ts";
import { engineCase, refuses, user } from "../engine-case.ts";
import type { EngineCase } from "../engine-case.ts";

const ALICE: CallOptions = { userId: "alice" };
const BOB: CallOptions = { userId: "bob" };
const HOUR = 3_600_000;

export const LIFECYCLE_CASES: readonly EngineCase[] = [
  engineCase(
    "an alias names one thread of each user, made when it is first asked for",
    async (engine) => {
      const input = { alias: "plans", title: "Plans", messages: [user("first")] };
      const first = await engine.getOrCreate(input, ALICE);
      assert.deepEqual(
        [first.isNew, first.thread.alias, first.thread.owner, first.thread.title],
        [true, "plans", "alice", "Plans"],
      );
      const again = await engine.getOrCreate({ alias: "plans", title: "Others" }, ALICE);
      assert.deepEqual(
        [again.isNew, again.thread.id, again.thread.title],
        [false, first.thread.id, "Plans"],
      );
      assert.equal(again.thread.messageCount, 1);
      const bobs = await engine.getOrCreate({ alias: "plans" }, BOB);
      assert.deepEqual([bobs.isNew, bobs.thread.owner], [true, "bob"]);
      assert.notEqual(bobs.thread.id, first.thread.id);
    },
  ),
  {
    name: "of all who ask for an alias at the same time, in two processes, one makes the thread",
    run: async ({ openEngine, openBeside }) => {
      const engine = await openEngine();
      const other = engine.store.capabilities.multiProcess ? await openBeside(engine) : engine;
      const opened = await Promise.all(
        Array.from({ length: 40 }, (_, at) =>
          (at % 2 === 0 ? engine : other).getOrCreate({ user: "alice", topic: "tax" }),
        ),
      );
      assert.equal(new Set(opened.map(({ thread }) => thread.id)).size, 1);
      assert.equal(opened.filter(({ isNew }) => isNew).length, 1);
      assert.equal(opened[0]?.thread.alias, "user:alice/topic:tax");
    },
  },
  engineCase(
    "users, topics, projects, features and sessions have threads of their own",
    async (engine) => {
      const asked = [
        { user: "alice" },
        { user: "alice", topic: "a/topic:b" },
        { user: "alice", topic: "a" },
        { project: "x" },
        { feature: "x" },
        { session: "x" },
      ] as const;
      const ids = new Set<string>();
      for (const input of asked) ids.add((await engine.getOrCreate(input)).thread.id);
      assert.equal(ids.size, asked.length);
      const { thread, isNew } = await engine.getOrCreate({ session: "x" });
      assert.deepEqual([isNew, thread.kind, thread.slidingMs], [false, "session", 24 * HOUR]);
    },
  ),
  engineCase(
    "behind a deleted thread an alias names a new one, and an archived one still",
    async (engine) => {
      const ids: string[] = [];
      for (let round = 0; round < 40; round++) {
        const { thread, isNew } = await engine.getOrCreate({ alias: "again" }, ALICE);
        assert.equal(isNew, true);
        ids.push(thread.id);
        await engine.delete(thread.id, { ...ALICE, purge: round % 2 === 0 });
      }
      assert.equal(new Set(ids).size, ids.length);
      const { thread } = await engine.getOrCreate({ alias: "again" }, ALICE);
      await engine.archive(thread.id, ALICE);
      const archived = await engine.getOrCreate({ alias: "again" }, ALICE);
      assert.deepEqual([archived.isNew, archived.thread.id], [false, thread.id]);
    },
  ),
  engineCase("an alias is one text of at most 256 characters", async (engine) => {
    await refuses("invalid_request", () => engine.getOrCreate({ alias: "" }));
    await refuses("limit_exceeded", () => engine.getOrCreate({ alias: "x".repeat(257) }));
  }),
  engineCase("the end of a thread is set, moved and taken away by its owner", async (engine) => {
    const members = { bob: "editor" } as const;
    const { thread } = await engine.create({ expiresIn: "1h", members }, ALICE);
    const life = (thread.expiresAt ?? 0) - thread.createdAt;
    // The clock of a test moves with every look.
    assert.ok(Math.abs(life - HOUR) < 100, String(life));
    const at = thread.createdAt + 5 * HOUR;
    assert.equal((await engine.update(thread.id, { expiresAt: at }, ALICE)).expiresAt, at);
    await refuses("forbidden", () => engine.update(thread.id, { expiresAt: at + 1 }, BOB));
    const sliding = await engine.update(thread.id, { expiresIn: "2h", sliding: true }, ALICE);
    assert.equal(sliding.slidingMs, 2 * HOUR);
    const brief = await engine.update(thread.id, { ephemeral: true }, ALICE);
    assert.deepEqual([brief.ephemeral, brief.slidingMs], [true, 24 * HOUR]);
    const endless = await engine.update(thread.id, { expiresIn: null }, ALICE);
    assert.deepEqual([endless.expiresAt, endless.ephemeral], [undefined, undefined]);
    await refuses("invalid_request", () => engine.create({ sliding: true }));
    await refuses("invalid_request", () => engine.create({ expiresIn: "1h", expiresAt: at }));
  }),
  engineCase("of a held thread nothing goes, until its owner releases it", async (engine) => {
    const members = { bob: "editor" } as const;
    const { thread, messages } = await engine.create(
      { messages: [user("evidence")], members },
      ALICE,
    );
    await refuses("forbidden", () => engine.hold(thread.id, "mine", BOB));
    const held = await engine.hold(thread.id, "case 7", ALICE);
    assert.deepEqual(held.hold, { reason: "case 7" });
    await refuses("thread_held", () => engine.delete(thread.id, ALICE));
    await refuses("thread_held", () => engine.delete(thread.id, { ...ALICE, purge: true }));
    await refuses("thread_held", () => engine.redact(thread.id, messages[0]?.id ?? "", ALICE));
    await engine.append(thread.id, { messages: [user("more")] }, BOB);
    assert.equal((await engine.release(thread.id, ALICE)).hold, undefined);
    await engine.delete(thread.id, ALICE);
  }),
];
