import assert from "node:assert/strict";
import { finish, progress, opening, reads, refuses, startRun, talk, user } from "../engine-case.ts";
import type { EngineCase } from "../engine-case.ts";

const FULL = { mode: "full" } as const;

/** What came as text. */
function posted(exported: object): unknown {
  return JSON.parse(JSON.stringify(exported));
}

/** Exports with runs, files with passwords, and long threads. */
export const PORTABLE_RUN_CASES: readonly EngineCase[] = [
  {
    name: "runs that have ended come along with what they cost, once",
    run: async ({ openEngine }) => {
      const [here, there] = [await openEngine(), await openEngine()];
      const { id } = (await here.create({})).thread;
      const run = await startRun(here, id);
      await finish(here, run);
      const failed = await startRun(here, id, "again");
      const error = { code: "model_error", message: "No." };
      await progress(here, failed, { kind: "run.event", event: "fail", error });
      const exported = posted(await here.serialize(id, FULL));
      await there.resume(exported);
      await there.resume(exported);
      const [own, brought] = [await here.runs(id), await there.runs(id)];
      assert.deepEqual(
        brought.items.map((it) => [it.id, it.status, it.usage, it.cost, it.error?.code]),
        own.items.map((it) => [it.id, it.status, it.usage, it.cost, it.error?.code]),
      );
      assert.deepEqual((await there.stats(id)).runsByStatus, { completed: 1, failed: 1 });
      assert.equal(await there.hasActiveRun(id), false);
      assert.deepEqual((await there.check()).problems, []);
    },
  },
  {
    name: "a run at work stays where it is; what waits behind it comes along",
    run: async ({ openEngine }) => {
      const [here, there] = [await openEngine(), await openEngine()];
      const { id } = (await here.create({})).thread;
      const run = await startRun(here, id);
      await progress(here, run, opening("open"));
      await here.append(id, { messages: [user("later")] });
      await there.resume(posted(await here.serialize(id, FULL)));
      assert.deepEqual(await reads(there, id), ["question", "later"]);
      assert.deepEqual((await there.runs(id)).items, []);
      await there.append(id, { messages: [user("and more")] });
      assert.equal(await here.hasActiveRun(id), true);
      assert.deepEqual((await there.check()).problems, []);
    },
  },
  {
    name: "a copy under another id is without runs, and takes no id that a caller chose",
    run: async ({ openEngine }) => {
      const [here, there] = [await openEngine(), await openEngine()];
      const { id } = (await here.create({})).thread;
      const run = await startRun(here, id);
      await progress(here, run, { kind: "run.event", event: "fail" });
      const exported = posted(await here.serialize(id, FULL));
      await there.resume(exported);
      const copy = await there.resume(exported, { threadId: "copy" });
      assert.deepEqual([copy.isNew, (await there.runs("copy")).items.length], [true, 0]);
      assert.deepEqual(await reads(there, "copy"), await reads(there, id));
      assert.deepEqual((await there.check()).problems, []);
      await here.append(id, { messages: [user("mine", "chosen")] });
      const later = posted(await here.serialize(id, FULL));
      await there.resume(later);
      await refuses("id_conflict", () => there.resume(later, { threadId: "another" }));
    },
  },
  {
    name: "addresses leave without passwords, wherever they stand",
    run: async ({ openEngine }) => {
      const [here, there] = [await openEngine(), await openEngine()];
      const url = "https://me:hunter2@files.example/a.png";
      const { thread } = await here.create({
        metadata: { database: "postgres://app:hunter2@db.example/app", nested: { list: [url] } },
        messages: [
          {
            content: [{ type: "file", mediaType: "image/png", source: { kind: "url", url } }],
            metadata: { from: url },
          },
        ],
      });
      await here.patchState(thread.id, { cache: "redis://:hunter2@cache.example:6379/0" });
      const exported = posted(await here.serialize(thread.id, FULL));
      assert.ok(!JSON.stringify(exported).includes("hunter2"));
      await there.resume(exported);
      assert.equal((await there.get(thread.id)).metadata["database"], "postgres://db.example/app");
      // What left without it is still the same thread at home.
      assert.equal((await here.resume(exported)).isNew, false);
    },
  },
  {
    name: "many who resume the same at once make one thread, and add once",
    run: async ({ openEngine, openBeside }) => {
      const here = await openEngine();
      const there = await openEngine();
      const beside = await openBeside(there);
      const { id } = (await here.create({})).thread;
      await finish(here, await startRun(here, id));
      const all = async (exported: unknown): Promise<number> => {
        const engines = [there, beside, there, beside, there];
        const done = await Promise.all(engines.map((engine) => engine.resume(exported)));
        return done.filter(({ isNew }) => isNew).length;
      };
      assert.equal(await all(posted(await here.serialize(id, FULL))), 1);
      await finish(here, await startRun(here, id, "more"));
      assert.equal(await all(posted(await here.serialize(id, FULL))), 0);
      assert.deepEqual(await reads(there, id), await reads(here, id));
      assert.equal((await there.get(id)).messagesTotal, 4);
      assert.deepEqual((await there.check()).problems, []);
    },
  },
  {
    name: "a long thread is brought in one piece, and one that is too long not at all",
    run: async ({ openEngine }) => {
      const [here, there] = [await openEngine(), await openEngine()];
      const id = await talk(here, "first");
      for (let batch = 0; batch < 3; batch++)
        await here.append(id, {
          messages: Array.from({ length: 1_000 }, (_, index) => user(`${batch}.${index}`)),
        });
      const exported = await here.serialize(id, FULL);
      const { thread } = await there.resume(posted(exported));
      assert.equal(thread.messageCount, 3_001);
      assert.equal(exported.messages.length, 3_001);
      assert.deepEqual((await there.check()).problems, []);
      const [message] = exported.messages;
      const tooMany = { ...exported, messages: Array.from({ length: 10_001 }, () => message) };
      await refuses("limit_exceeded", () => there.resume(posted(tooMany)));
    },
  },
];
