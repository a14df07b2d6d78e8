import assert from "node:assert/strict";
import { isSkeinError } from "../../../src/model/error.ts";
import {
  engineCase,
  existing,
  idOf,
  numbers,
  reads,
  refuses,
  say,
  talk,
  user,
} from "../engine-case.ts";
import type { EngineCase } from "../engine-case.ts";

const WRITERS = 64;

export const CONCURRENCY_CASES: readonly EngineCase[] = [
  engineCase(
    "64 writers append 1,000 times each to one thread: gapless, and nothing is lost",
    async (engine) => {
      const { thread } = await engine.create({ title: "t" });
      const each = 1_000;
      const acknowledged = new Set<number>();
      await Promise.all(
        numbers(WRITERS).map(async (writer) => {
          for (const n of numbers(each)) {
            const { messages } = await engine.append(thread.id, {
              messages: [user(`${writer}.${n}`)],
            });
            acknowledged.add(existing(messages[0]).version);
          }
        }),
      );
      const count = WRITERS * each;
      const { version, messageCount } = await engine.get(thread.id);
      assert.deepEqual([version, messageCount, acknowledged.size], [count + 1, count, count]);
      const next = new Map<string, number>();
      for (let after = 1; after <= count;) {
        const entries = await engine.log(thread.id, { after, limit: 1_000 });
        for (const entry of entries) {
          assert.equal(entry.version, after + 1);
          after = entry.version;
          const part = entry.op === "message.append" ? entry.data.message.parts[0] : undefined;
          const [writer, n] = part?.type === "text" ? part.text.split(".") : [];
          // Each writer's words stand in the order in which it said them.
          assert.equal(Number(n), next.get(existing(writer)) ?? 0);
          next.set(existing(writer), Number(n) + 1);
        }
      }
      assert.deepEqual(new Set(next.values()), new Set([each]));
    },
  ),

  engineCase(
    "of writers that expect the same version exactly one wins, for every version",
    async (engine) => {
      const { thread } = await engine.create({ title: "t" });
      for (const n of numbers(20)) {
        const expectedVersion = n + 1;
        const results = await Promise.allSettled(
          numbers(WRITERS).map((writer) =>
            engine.append(thread.id, { messages: [user(`${n}.${writer}`)] }, { expectedVersion }),
          ),
        );
        assert.equal(results.filter(({ status }) => status === "fulfilled").length, 1);
        for (const result of results)
          if (result.status === "rejected")
            assert.ok(isSkeinError(result.reason, "version_conflict"));
      }
      assert.equal((await engine.get(thread.id)).version, 21);
    },
  ),

  engineCase(
    "people who answer the same message at the same moment are all heard",
    async (engine) => {
      const id = await talk(engine, "question");
      const parentId = await idOf(engine, id, "question");
      const answers = numbers(WRITERS).map((n) => `answer ${n}`);
      await Promise.all(
        answers.map((said) => engine.append(id, { parentId, messages: [user(said)] })),
      );
      assert.deepEqual(await reads(engine, id), ["question", ...answers]);
    },
  ),

  engineCase("commands are carried out in the order in which they were given", async (engine) => {
    const id = await talk(engine, "first");
    const parentId = await idOf(engine, id, "first");
    // More than one batch, and some that have to be looked at with a fact of their own.
    const given = numbers(600).map((n) =>
      engine.append(id, { messages: [user(`${n}`)], ...(n % 97 === 3 && { parentId }) }),
    );
    await Promise.all(given);
    const { messages } = await engine.log(id, { limit: 1_000 }).then((entries) => ({
      messages: entries.flatMap((entry) =>
        entry.op === "message.append" ? [entry.data.message] : [],
      ),
    }));
    const said = messages.flatMap(({ parts: [part] }) =>
      part?.type === "text" ? [part.text] : [],
    );
    assert.deepEqual(said, ["first", ...numbers(600).map(String)]);
  }),

  {
    name: "two engines over the same data write to one thread without an error or a gap",
    run: async ({ openEngine, openBeside }) => {
      const engine = await openEngine();
      const other = await openBeside(engine);
      const { thread } = await engine.create({ title: "t" });
      await Promise.all(
        numbers(16).map(async (writer) => {
          const mine = writer % 2 === 0 ? engine : other;
          for (const n of numbers(20))
            await mine.append(thread.id, { messages: [user(`${writer}.${n}`)] });
        }),
      );
      const entries = await engine.log(thread.id, { limit: 1_000 });
      assert.deepEqual(
        entries.map(({ version }) => version),
        numbers(321).map((n) => n + 1),
      );
      assert.deepEqual(await other.get(thread.id), await engine.get(thread.id));
      const words = await Promise.all([engine, other].map((it) => reads(it, thread.id)));
      assert.deepEqual(words[0], words[1]);
    },
  },

  {
    name: "a command that was decided on an older version is decided again, by the same rules",
    run: async ({ openEngine, openBeside }) => {
      const engine = await openEngine();
      const other = await openBeside(engine);
      const id = await talk(engine, "q1", "a1", "q2");
      const [q1, a1] = [await idOf(engine, id, "q1"), await idOf(engine, id, "a1")];
      // The first engine has the head in its cache; each of these makes that head old.
      await other.rename(id, "there");
      assert.equal((await engine.tag(id, { add: ["here"] })).title, "there");
      await other.truncate(id, q1);
      const diverged = await engine.append(id, { parentId: a1, messages: [user("to a1")] });
      assert.notEqual(diverged.branch, "main");
      await say(other, id, "at the end");
      const { messages } = await engine.append(id, { parentId: q1, messages: [user("to q1")] });
      assert.equal(messages[0]?.parentId, await idOf(engine, id, "at the end"));
      await other.append(id, { messages: [user("m", "m1")] }, { opId: "k" });
      await refuses("id_conflict", () => engine.append(id, { messages: [user("n", "m1")] }));
      await refuses("op_conflict", () =>
        engine.append(id, { messages: [user("n")] }, { opId: "k" }),
      );
      await other.delete(id);
      await refuses("thread_deleted", () => engine.append(id, { messages: [user("x")] }));
      assert.deepEqual((await engine.check()).problems, []);
    },
  },

  engineCase(
    "what waits to be written is bounded, and the rest is refused for a moment",
    async (engine) => {
      const { thread } = await engine.create({ title: "t" });
      const content = "x".repeat(4_000_000);
      const results = await Promise.allSettled(
        numbers(12).map(() => engine.append(thread.id, { messages: [user(content)] })),
      );
      const refused = results.flatMap((it) =>
        it.status === "rejected" ? [it.reason as unknown] : [],
      );
      assert.equal(refused.length, 4);
      for (const error of refused) {
        assert.ok(isSkeinError(error, "overloaded"));
        assert.ok((error.retryAfterMs ?? 0) > 0);
      }
      await engine.append(thread.id, { messages: [user(content)] });
      assert.equal((await engine.get(thread.id)).messageCount, 9);
    },
  ),

  engineCase(
    "closing waits for what is under way, and refuses what comes later",
    async (engine) => {
      const { thread } = await engine.create({ title: "t" });
      const writes = numbers(50).map((n) => engine.append(thread.id, { messages: [user(`${n}`)] }));
      await engine.close();
      assert.equal((await Promise.all(writes)).length, 50);
      await refuses("store_closed", () => engine.get(thread.id));
      await refuses("store_closed", () => engine.rename(thread.id, "x"));
      await engine.close();
    },
  ),
];
