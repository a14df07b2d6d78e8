import assert from "node:assert/strict";
import { isSkeinError } from "../../../src/model/error.ts";
import type { Part } from "../../../src/model/part.ts";
import { engineCase, existing, finish, idOf, numbers, reads } from "../engine-case.ts";
import { refuses, say, startRun, take, talk, user } from "../engine-case.ts";
import type { EngineCase } from "../engine-case.ts";

export const TRIM_CASES: readonly EngineCase[] = [
  engineCase("a trim keeps the newest messages and says what went", async (engine) => {
    const id = await talk(engine, "q1", "a1", "q2", "a2", "q3", "a3");
    const before = await engine.get(id);
    const { thread, branches } = await engine.trim(id, { keepLast: 2 });
    assert.deepEqual(branches, [{ name: "main", trimmed: 4 }]);
    assert.deepEqual(await reads(engine, id), ["q3", "a3"]);
    assert.equal(thread.version, before.version + 1);
    assert.equal(thread.messageCount, 2);
    assert.equal(thread.messagesTotal, 6);
    assert.deepEqual(thread.trimmed, { version: thread.version, messages: 4 });
    assert.deepEqual(await engine.get(id), thread);
    assert.equal(before.trimmed, undefined);
    const { items } = await engine.list({});
    assert.deepEqual(items, [thread]);
  }),

  engineCase("a trim cuts between turns and never inside a group of tool calls", async (engine) => {
    const id = await talk(engine, "q1", "a1");
    const call = { type: "tool-call", callId: "c1", name: "look", inputText: "{}" } as const;
    const result: Part = {
      type: "tool-result",
      callId: "c1",
      name: "look",
      outcome: "ok",
      output: { type: "text", text: "found" },
    };
    await engine.append(id, { messages: [user("q2")] });
    await engine.append(id, { messages: [{ role: "assistant", content: [call] }] });
    await engine.append(id, { messages: [{ role: "tool", content: [result] }] });
    await engine.append(id, { messages: [{ role: "assistant", content: "a2" }] });
    await engine.trim(id, { keepLast: 2 });
    const { messages } = await engine.messages(id);
    assert.deepEqual(
      messages.map(({ role }) => role),
      ["user", "assistant", "tool", "assistant"],
    );
    await say(engine, id, "q3");
    assert.equal((await engine.trim(id, { keepLast: 1 })).thread.messageCount, 1);
  }),

  engineCase("a trim keeps every system message once, in its place", async (engine) => {
    const id = await talk(engine);
    const system = (content: string): Promise<unknown> =>
      engine.append(id, { messages: [{ role: "system", content }] });
    await system("s1");
    await say(engine, id, "q1", "a1");
    await system("s2");
    await say(engine, id, "q2", "a2", "q3", "a3");
    await engine.trim(id, { keepLast: 2 });
    assert.deepEqual(await reads(engine, id), ["s1", "s2", "q3", "a3"]);
    await say(engine, id, "q4", "a4");
    const { branches, thread } = await engine.trim(id, { keepLast: 2 });
    assert.deepEqual(branches, [{ name: "main", trimmed: 2 }]);
    assert.deepEqual(await reads(engine, id), ["s1", "s2", "q4", "a4"]);
    assert.equal(thread.messageCount, 4);
    assert.equal(thread.trimmed?.messages, 6);
  }),

  engineCase("a trimmed thread pages as any other, and says where it begins", async (engine) => {
    const id = await talk(engine);
    for (const content of ["s1", "s2", "s3"]) {
      await engine.append(id, { messages: [{ role: "system", content }] });
      await say(engine, id, `q after ${content}`, "a");
    }
    await say(engine, id, "q1", "a1", "q2", "a2");
    await engine.trim(id, { keepLast: 4 });
    await startRun(engine, id, "q3");
    await engine.append(id, { messages: [user("waits"), user("waits, too")] });
    const whole = await engine.messages(id, { limit: 200 });
    const all = whole.messages.map((message) => message.id);
    assert.equal(whole.hasOlder || whole.hasNewer, false);
    assert.deepEqual([whole.total, all.length, whole.trimmed], [8, 10, 6]);
    for (const limit of numbers(all.length + 1).slice(1)) {
      const back: string[] = [];
      for (let before: string | undefined; ;) {
        const page = await engine.messages(id, { limit, ...(before && { before }) });
        assert.ok(page.messages.length <= limit);
        back.unshift(...page.messages.map((message) => message.id));
        before = back[0];
        assert.equal(page.hasOlder, back.length < all.length);
        if (!page.hasOlder) break;
      }
      assert.deepEqual(back, all);
      const forth = [existing(all[0])];
      for (let hasMore = all.length > 1; hasMore;) {
        const page = await engine.messages(id, { limit, after: existing(forth.at(-1)) });
        forth.push(...page.messages.map((message) => message.id));
        assert.equal(page.hasNewer, forth.length < all.length);
        assert.equal(page.hasOlder, true);
        hasMore = page.hasNewer;
      }
      assert.deepEqual(forth, all);
    }
  }),

  engineCase("a trim by time keeps what was said since", async (engine) => {
    const id = await talk(engine, "q1", "a1", "q2", "a2");
    const { messages } = await engine.messages(id);
    await engine.trim(id, { before: existing(messages[3]).createdAt });
    assert.deepEqual(await reads(engine, id), ["q2", "a2"]);
    const { branches } = await engine.trim(id, { before: existing(messages[2]).createdAt });
    assert.deepEqual(branches, []);
    await engine.trim(id, { before: Number.MAX_SAFE_INTEGER });
    assert.deepEqual(await reads(engine, id), ["q2", "a2"]);
  }),

  engineCase("a trim that has nothing to let go of writes nothing", async (engine) => {
    const id = await talk(engine, "q1", "a1");
    const { version } = await engine.get(id);
    const { thread, branches } = await engine.trim(id, { keepLast: 2 });
    assert.deepEqual(branches, []);
    assert.equal(thread.version, version);
    assert.equal(thread.trimmed, undefined);
    assert.equal((await engine.log(id)).length, version);
    const empty = await talk(engine);
    assert.deepEqual((await engine.trim(empty, { keepLast: 1 })).branches, []);
  }),

  engineCase(
    "a dry run says what a trim would let go of, and lets go of nothing",
    async (engine) => {
      const id = await talk(engine, "q1", "a1", "q2", "a2");
      const before = await engine.get(id);
      const tried = await engine.trim(id, { keepLast: 1 }, { dryRun: true });
      assert.deepEqual(await engine.get(id), before);
      assert.deepEqual(await reads(engine, id), ["q1", "a1", "q2", "a2"]);
      assert.deepEqual((await engine.trim(id, { keepLast: 1 })).branches, tried.branches);
    },
  ),

  engineCase("every branch keeps its own newest messages", async (engine) => {
    const id = await talk(engine, "q1", "a1", "q2", "a2", "q3", "a3");
    await engine.edit(id, await idOf(engine, id, "q2"), { content: "q2, better" });
    await say(engine, id, "q4", "a4");
    const { branches } = await engine.trim(id, { keepLast: 2 });
    assert.deepEqual(
      branches.map(({ name }) => name),
      ["main", "main~1"],
    );
    assert.deepEqual(await reads(engine, id), ["q4", "a4"]);
    assert.deepEqual(await reads(engine, id, { branch: "main~1" }), ["q3", "a3"]);
    const made = await engine.branch(id, { messageId: await idOf(engine, id, "a3", "main~1") });
    assert.deepEqual(await reads(engine, id, { branch: made.name }), ["q3", "a3"]);
    await refuses("message_not_found", () => engine.message(id, "nobody"));
  }),

  engineCase(
    "a trimmed thread goes on: appends, answers, truncations and branches",
    async (engine) => {
      const id = await talk(engine, "q1", "a1", "q2", "a2", "q3", "a3");
      await engine.trim(id, { keepLast: 4 });
      await say(engine, id, "q4", "a4");
      assert.deepEqual(await reads(engine, id), ["q2", "a2", "q3", "a3", "q4", "a4"]);
      const { run } = await engine.regenerate(id, { run: {} });
      const claimed = await engine.worker.claim("default", id, existing(run).id);
      await finish(engine, claimed, "a4, better");
      assert.deepEqual((await reads(engine, id)).slice(-2), ["q4", "a4, better"]);
      await engine.truncate(id, await idOf(engine, id, "a2"));
      assert.deepEqual(await reads(engine, id), ["q2", "a2"]);
      assert.equal((await engine.get(id)).messageCount, 2);
      await engine.truncate(id, null);
      assert.deepEqual(await reads(engine, id), []);
      await say(engine, id, "a new beginning");
      const { messages, hasOlder, trimmed } = await engine.messages(id);
      assert.deepEqual([messages.length, hasOlder, trimmed], [1, false, 0]);
    },
  ),

  engineCase("what stands first behind a trim keeps its place", async (engine) => {
    const id = await talk(engine, "q1", "a1");
    const system = { role: "system", content: "Be kind." } as const;
    await engine.append(id, { messages: [system] });
    await say(engine, id, "q2", "a2");
    await engine.trim(id, { keepLast: 2 });
    const [kept, first] = (await engine.messages(id)).messages;
    const edit = (messageId: string): Promise<unknown> =>
      engine.edit(id, messageId, { content: "no" });
    await refuses("trimmed", () => edit(existing(first).id), "message_id");
    await refuses("trimmed", () => edit(existing(kept).id), "message_id");
    await refuses("trimmed", () => engine.truncate(id, existing(kept).id));
    await refuses("trimmed", () => engine.fork(id, { messageId: existing(kept).id }));
    assert.deepEqual(await reads(engine, id), ["Be kind.", "q2", "a2"]);
  }),

  engineCase("what is older than a trim is answered with the oldest version", async (engine) => {
    const id = await talk(engine, "q1", "a1", "q2", "a2");
    const { version } = await engine.get(id);
    await engine.trim(id, { keepLast: 2 });
    await say(engine, id, "q3");
    for (const work of [
      () => engine.get(id, { at: version }),
      () => engine.messages(id, { at: 2 }),
      () => engine.fork(id, { at: version }),
      () => engine.restoreVersion(id, 3),
      () => engine.log(id, { after: 1 }),
      () => take(engine.observe(id, { after: version - 1 }), 1),
    ])
      await assert.rejects(work, (error: unknown) => {
        assert.ok(isSkeinError(error, "trimmed"), String(error));
        assert.deepEqual(error.details, { oldest: version + 1 });
        return true;
      });
    assert.deepEqual(await reads(engine, id, { at: version + 1 }), ["q2", "a2"]);
    assert.equal((await engine.get(id, { at: version + 1 })).messageCount, 2);
    await engine.restoreVersion(id, version + 1);
    assert.deepEqual(await reads(engine, id), ["q2", "a2"]);
  }),

  engineCase("the log and who follows it begin with the trim", async (engine) => {
    const id = await talk(engine, "q1", "a1", "q2", "a2");
    const { version } = await engine.get(id);
    const following = take(engine.observe(id, { after: version }), 2);
    await engine.trim(id, { keepLast: 2 });
    await say(engine, id, "q3");
    const log = await engine.log(id);
    assert.deepEqual(
      log.map((entry) => [entry.version, entry.op]),
      [
        [version + 1, "retention.trim"],
        [version + 2, "message.append"],
      ],
    );
    assert.deepEqual(await following, log);
    assert.deepEqual(await take(engine.observe(id), 2), log);
    assert.deepEqual(await take(engine.observe(id, { after: version }), 2), log);
  }),

  engineCase("a trim does not take away an event that a run has yet to take", async (engine) => {
    const id = await talk(engine, "q1", "a1", "q2", "a2", "q3", "a3");
    const { messages } = await engine.messages(id);
    await engine.branch(id, { name: "side", messageId: messages[1]?.id ?? "" });
    const run = await startRun(engine, id, "q4", { branch: "side" });
    await engine.sendEvent(id, run.id, { name: "go", payload: "precious" });
    const before = await engine.log(id);
    // The branch that is held has nothing to lose; the log has.
    await refuses("run_active", () => engine.trim(id, { keepLast: 3 }));
    assert.deepEqual(await engine.log(id), before);
    await finish(engine, run);
    await engine.trim(id, { keepLast: 3 });
    assert.equal((await reads(engine, id)).includes("q1"), false);
  }),

  engineCase(
    "a trim waits for no run, and does not cut a branch that one holds",
    async (engine) => {
      const id = await talk(engine, "q1", "a1", "q2", "a2");
      await engine.branch(id, { name: "side" });
      const run = await startRun(engine, id, "q3", { branch: "side" });
      await refuses("run_active", () => engine.trim(id, { keepLast: 1 }));
      assert.deepEqual(await reads(engine, id), ["q1", "a1", "q2", "a2"]);
      await finish(engine, run);
      await engine.trim(id, { keepLast: 1 });
      const other = await startRun(engine, id, "q4", { branch: "side" });
      await say(engine, id, "q5", "a5");
      // The branch that is held has nothing to lose.
      await engine.trim(id, { keepLast: 3 });
      await finish(engine, other, "a4");
      const side = await reads(engine, id, { branch: "side" });
      assert.deepEqual(side.slice(-2), ["q4", "a4"]);
    },
  ),

  engineCase(
    "a repeated trim gets the same answer, and is not carried out again",
    async (engine) => {
      const id = await talk(engine, "q1", "a1", "q2", "a2");
      const first = await engine.trim(id, { keepLast: 2 }, { opId: "t1" });
      await say(engine, id, "q3", "a3");
      const again = await engine.trim(id, { keepLast: 2 }, { opId: "t1" });
      assert.deepEqual(again.branches, first.branches);
      assert.deepEqual(await reads(engine, id), ["q2", "a2", "q3", "a3"]);
      await refuses("op_conflict", () => engine.trim(id, { keepLast: 1 }, { opId: "t1" }));
    },
  ),

  engineCase(
    "what was said under a key or an id is not said again after a trim",
    async (engine) => {
      const id = await talk(engine);
      const keyed = { messages: [user("q1")] };
      await engine.append(id, keyed, { opId: "k1" });
      const named = { messages: [user("q2", "mine")] };
      await engine.append(id, named);
      const kept = { messages: [user("q3", "kept")] };
      await engine.append(id, kept);
      await engine.trim(id, { keepLast: 1 });
      const { version } = await engine.get(id);
      await refuses("trimmed", () => engine.append(id, keyed, { opId: "k1" }), "idempotency_key");
      await refuses("id_conflict", () => engine.append(id, named));
      const { messages } = await engine.append(id, kept);
      assert.deepEqual(
        messages.map((message) => message.id),
        ["kept"],
      );
      assert.equal((await engine.get(id)).version, version);
    },
  ),

  engineCase("only an owner may trim", async (engine) => {
    const { thread } = await engine.create(
      { members: { ed: "editor" }, messages: [user("q1")] },
      { userId: "olga" },
    );
    await engine.append(thread.id, { messages: [user("q2")] }, { userId: "ed" });
    const trim = (userId: string, dryRun: boolean): Promise<unknown> =>
      engine.trim(thread.id, { keepLast: 1 }, { userId, dryRun });
    for (const dryRun of [true, false]) {
      await refuses("forbidden", () => trim("ed", dryRun));
      await refuses("thread_not_found", () => trim("eve", dryRun));
    }
    await trim("olga", false);
    const [entry] = await engine.log(thread.id, {}, { userId: "ed" });
    assert.equal(entry?.actor, "user:olga");
  }),

  engineCase("a trim of what makes no sense, or of another version, is refused", async (engine) => {
    const id = await talk(engine, "q1", "a1", "q2");
    for (const keepLast of [0, -1, 1.5, Number.NaN])
      await refuses("invalid_request", () => engine.trim(id, { keepLast }), "keep_last");
    await refuses("invalid_request", () => engine.trim(id, {}), "keep_last");
    await refuses("invalid_request", () => engine.trim(id, { keepLast: 1, before: 1 }));
    await refuses("invalid_request", () => engine.trim(id, { before: -1 }), "before");
    const stale = { expectedVersion: 1 };
    await refuses("version_conflict", () => engine.trim(id, { keepLast: 1 }, stale));
    assert.deepEqual(await reads(engine, id), ["q1", "a1", "q2"]);
  }),

  engineCase("messages that are said while a thread is trimmed are kept", async (engine) => {
    const id = await talk(engine, "q0");
    const said = numbers(40).map((n) => `m${n}`);
    const trims = numbers(4).map(() => engine.trim(id, { keepLast: 60 }));
    await Promise.all([...said.map((content) => say(engine, id, content)), ...trims]);
    await engine.trim(id, { keepLast: 40 });
    assert.deepEqual((await reads(engine, id)).toSorted(), said.toSorted());
    const log = await engine.log(id, { limit: 1_000 });
    const oldest = existing(log[0]).version;
    assert.deepEqual(
      log.map(({ version }) => version),
      log.map((_entry, index) => oldest + index),
    );
    assert.deepEqual((await engine.check()).problems, []);
  }),

  engineCase("a fork and its origin are trimmed each by itself", async (engine) => {
    const id = await talk(engine, "q1", "a1", "q2", "a2");
    const fork = await engine.fork(id);
    await engine.trim(id, { keepLast: 2 });
    assert.deepEqual(await reads(engine, id), ["q2", "a2"]);
    assert.deepEqual(await reads(engine, fork.id), ["q1", "a1", "q2", "a2"]);
    const later = await engine.fork(id);
    assert.deepEqual(await reads(engine, later.id), ["q2", "a2"]);
    assert.deepEqual([later.messageCount, later.messagesTotal], [2, 2]);
    assert.equal((await engine.messages(later.id)).trimmed, 2);
    await say(engine, fork.id, "q3", "a3");
    await engine.trim(fork.id, { keepLast: 2 });
    assert.deepEqual(await reads(engine, fork.id), ["q3", "a3"]);
    assert.deepEqual(await reads(engine, id), ["q2", "a2"]);
    assert.deepEqual(await reads(engine, later.id), ["q2", "a2"]);
    assert.deepEqual((await engine.check()).problems, []);
  }),

  engineCase("a fork that is made while its origin is trimmed is whole", async (engine) => {
    for (const round of numbers(10)) {
      const id = await talk(engine, "q1", "a1", "q2", "a2");
      const [fork] = await Promise.all([engine.fork(id), engine.trim(id, { keepLast: 2 })]);
      const read = await reads(engine, fork.id);
      assert.ok(read.length === 4 || read.length === 2, `round ${round}: ${read.join()}`);
      assert.equal((await engine.get(fork.id)).messageCount, read.length);
    }
    assert.deepEqual((await engine.check()).problems, []);
  }),
];
