import assert from "node:assert/strict";
import type { FeedOptions } from "../../../src/engine/engine.ts";
import {
  engineCase,
  existing,
  idOf,
  numbers,
  refuses,
  say,
  take,
  talk,
  user,
} from "../engine-case.ts";
import type { EngineCase } from "../engine-case.ts";

export const OBSERVE_CASES: readonly EngineCase[] = [
  engineCase("an observer sees every entry once, in order, past and to come", async (engine) => {
    const id = await talk(engine, "q1", "a1");
    const { version } = await engine.get(id);
    const seen = take(engine.observe(id), version + 6);
    await say(engine, id, "q2", "a2", "q3");
    await engine.rename(id, "x");
    await engine.rename(id, "y");
    await engine.rename(id, "z");
    assert.deepEqual(await seen, await engine.log(id, { limit: 1_000 }));
    const later = await take(engine.observe(id, { after: version + 2 }), 2);
    assert.deepEqual(
      later.map((entry) => entry.version),
      [version + 3, version + 4],
    );
    await refuses("invalid_request", () => take(engine.observe(id, { after: -1 }), 1), "after");
  }),

  engineCase("64 writers do not make an observer skip or repeat an entry", async (engine) => {
    const { thread } = await engine.create({ title: "t" });
    const count = 64 * 8;
    const observers = [0, 1, 100, 300].map(async (after) => ({
      after,
      entries: await take(engine.observe(thread.id, { after }), count + 1 - after),
    }));
    await Promise.all(
      numbers(64).map(async (writer) => {
        for (const n of numbers(8))
          await engine.append(thread.id, { messages: [user(`${writer}.${n}`)] });
      }),
    );
    const log = await engine.log(thread.id, { limit: 1_000 });
    assert.equal(log.length, count + 1);
    for (const { after, entries } of await Promise.all(observers))
      assert.deepEqual(
        entries.map(({ version }) => version),
        log.slice(after).map(({ version }) => version),
      );
  }),

  engineCase("an observer that does not keep up reads the rest from the log", async (engine) => {
    const { thread } = await engine.create({ title: "t" });
    const observed = engine.observe(thread.id)[Symbol.asyncIterator]();
    assert.equal((await observed.next()).value?.version, 1);
    for (const n of numbers(25))
      await engine.append(thread.id, { messages: numbers(100).map((m) => user(`${n}.${m}`)) });
    for (const version of numbers(2_500)) {
      const { value } = await observed.next();
      assert.equal(value?.version, version + 2);
    }
    await observed.return?.();
  }),

  engineCase(
    "an observer stops when its signal aborts, also while nothing happens",
    async (engine) => {
      const id = await talk(engine);
      const stop = new AbortController();
      const seen = take(engine.observe(id, { signal: stop.signal }), 100);
      await say(engine, id, "q");
      setImmediate(() => stop.abort());
      assert.ok((await seen).length < 100);
      await refuses("aborted", () => take(engine.observe(id, { signal: stop.signal }), 1));
    },
  ),

  {
    name: "an observer sees what another process commits, in its place",
    run: async ({ openEngine, openBeside }) => {
      const engine = await openEngine();
      if (!engine.store.capabilities.multiProcess) return;
      const other = await openBeside(engine);
      const { thread } = await engine.create({ title: "t" });
      const seen = take(engine.observe(thread.id), 61);
      for (const n of numbers(20)) {
        await Promise.all([
          engine.append(thread.id, { messages: [user(`here ${n}`)] }),
          other.append(thread.id, { messages: [user(`there ${n}`)] }),
        ]);
        await engine.append(thread.id, { messages: [user(`here again ${n}`)] });
      }
      assert.deepEqual(
        (await seen).map(({ version }) => version),
        numbers(61).map((n) => n + 1),
      );
      assert.deepEqual(await seen, await other.log(thread.id, { limit: 1_000 }));
    },
  },

  {
    name: "what an observer was pushed is no excuse to skip what another process wrote in between",
    run: async ({ openEngine, openBeside }) => {
      const engine = await openEngine();
      const other = await openBeside(engine);
      const { thread } = await engine.create({ title: "t" });
      const observed = engine.observe(thread.id, { after: 1 })[Symbol.asyncIterator]();
      const first = observed.next();
      await engine.rename(thread.id, "2");
      assert.equal((await first).value?.version, 2);
      // While the observer is busy, each writes in turn.
      for (const n of numbers(6))
        await (n % 2 === 0 ? engine : other).rename(thread.id, `${n + 3}`);
      for (const n of numbers(6)) assert.equal((await observed.next()).value?.version, n + 3);
      await observed.return?.();
    },
  },

  engineCase(
    "the feed tells of threads that were made, changed, archived and deleted",
    async (engine) => {
      const stop = new AbortController();
      const after = await engine.store.feedEnd("default");
      const feed = engine.feed({ after, signal: stop.signal })[Symbol.asyncIterator]();
      const next = feed.next();
      const id = await talk(engine, "q");
      await engine.archive(id);
      await engine.unarchive(id);
      await engine.delete(id);
      await engine.undelete(id);
      const types = [existing((await next).value).type];
      for (const _ of numbers(5)) types.push(existing((await feed.next()).value).type);
      assert.deepEqual(types, [
        "created",
        "updated",
        "archived",
        "unarchived",
        "deleted",
        "undeleted",
      ]);
      stop.abort();
    },
  ),

  engineCase("the feed goes on behind a cursor without a gap or a repetition", async (engine) => {
    const begin = await engine.store.feedEnd("default");
    const ids = await Promise.all(numbers(20).map(async () => (await engine.create()).thread.id));
    const seen: string[] = [];
    let after = begin;
    for (const count of [1, 6, 13]) {
      const events = await take(engine.feed({ after }), count);
      seen.push(...events.map(({ threadId }) => threadId));
      after = existing(events.at(-1)).cursor;
    }
    assert.deepEqual(seen.toSorted(), ids.toSorted());
    const past: string[] = [];
    for await (const { threadId } of engine.feed({ after: begin, follow: false }))
      past.push(threadId);
    assert.ok(past.length > 0);
    assert.deepEqual(past.length, (await take(engine.feed({ after: begin }), past.length)).length);
    for await (const event of engine.feed({ follow: false })) assert.fail(event.threadId);
    await refuses("invalid_cursor", () => take(engine.feed({ after: "nonsense" }), 1));
  }),

  engineCase("options that are none are refused", async (engine) => {
    // What the compiler would refuse, as it comes from JavaScript.
    for (const options of [{ after: 0 }, { after: 7 }, { after: {} }].map(untyped)) {
      await refuses("invalid_request", () => take(engine.feed(options), 1), "after");
      await refuses("invalid_request", () => take(engine.observe(options), 1), "after");
    }
    for (const options of [7, "th_1", null].map(untyped)) {
      await refuses("invalid_request", () => take(engine.feed(options), 1), "options");
      await refuses("invalid_request", () => take(engine.observe("th_1", options), 1), "options");
    }
  }),

  engineCase("the feed of a user has only what the user may see", async (engine) => {
    const after = await engine.store.feedEnd("default");
    await engine.create({ id: "hers" }, { userId: "alice" });
    await engine.create({ id: "shared", members: { bob: "viewer" } }, { userId: "alice" });
    await engine.create({ id: "his" }, { userId: "bob" });
    const events = await take(engine.feed({ after, userId: "bob" }), 2);
    assert.deepEqual(
      events.map(({ threadId }) => threadId),
      ["shared", "his"],
    );
    assert.equal(existing(events[0]).thread.owner, "alice");
  }),

  engineCase("an observer of a thread that is purged is told, and then refused", async (engine) => {
    const id = await talk(engine, "q");
    const { version } = await engine.get(id);
    const observed = engine.observe(id, { after: version - 1 })[Symbol.asyncIterator]();
    assert.equal((await observed.next()).value?.version, version);
    const next = observed.next();
    await engine.delete(id, { purge: true });
    assert.equal((await next).value?.op, "thread.purge");
    await refuses("thread_not_found", async () => observed.next());
    await refuses("thread_not_found", () => take(engine.observe(id), 1));
    await refuses("thread_not_found", async () => idOf(engine, id, "q"));
  }),
];

function untyped(value: unknown): FeedOptions & { readonly after?: never } {
  return JSON.parse(JSON.stringify(value));
}
