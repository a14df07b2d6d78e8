import assert from "node:assert/strict";
import {
  engineCase,
  existing,
  finish,
  idOf,
  numbers,
  provesHits,
  reads,
  refuses,
  say,
  startRun,
  take,
  talk,
} from "../engine-case.ts";
import type { EngineCase } from "../engine-case.ts";

export const FORK_CASES: readonly EngineCase[] = [
  engineCase("a fork shares what was said, and goes its own way", async (engine) => {
    const id = await talk(engine, "q1", "a1");
    await engine.update(id, {
      title: "Original",
      metadata: { a: 1 },
      tags: ["x"],
      agentId: "helper",
    });
    const origin = await engine.get(id);
    const fork = await engine.fork(id);
    assert.deepEqual(
      [fork.title, fork.metadata, fork.tags, fork.agentId, fork.kind, fork.version],
      ["Original", { a: 1 }, ["x"], "helper", "fork", 1],
    );
    const messageId = await idOf(engine, id, "a1");
    assert.deepEqual(fork.forkedFrom, { threadId: id, version: origin.version, messageId });
    assert.deepEqual([fork.messageCount, fork.lastMessage], [2, origin.lastMessage]);
    await say(engine, fork.id, "q2 here");
    await say(engine, id, "q2 there");
    assert.deepEqual(await reads(engine, fork.id), ["q1", "a1", "q2 here"]);
    assert.deepEqual(await reads(engine, id), ["q1", "a1", "q2 there"]);
    assert.equal((await engine.message(fork.id, messageId)).threadId, id);
    await refuses("message_not_found", async () =>
      engine.message(fork.id, await idOf(engine, id, "q2 there")),
    );
  }),

  engineCase("a fork may have an id and a title of its own", async (engine) => {
    const id = await talk(engine, "q1");
    const fork = await engine.fork(id, { id: "mine", title: "Mine" });
    assert.deepEqual([fork.id, fork.title], ["mine", "Mine"]);
    await refuses("id_conflict", () => engine.fork(id, { id: "mine" }), "id");
    await refuses("invalid_id", () => engine.fork(id, { id: "not mine" }), "id");
  }),

  engineCase("a thread is forked at a message, on any branch", async (engine) => {
    const id = await talk(engine, "q1", "a1", "q2", "a2");
    const at = await engine.fork(id, { messageId: await idOf(engine, id, "q1") });
    assert.deepEqual(await reads(engine, at.id), ["q1"]);
    assert.equal(at.lastMessage?.text, "q1");
    await engine.truncate(id, await idOf(engine, id, "a1"));
    const kept = await engine.fork(id, { branch: "main~1" });
    assert.deepEqual(await reads(engine, kept.id), ["q1", "a1", "q2", "a2"]);
    const a2 = await idOf(engine, id, "a2", "main~1");
    await refuses("message_not_found", () => engine.fork(id, { messageId: a2 }), "message_id");
    await refuses("branch_not_found", () => engine.fork(id, { branch: "x" }), "branch");
    await engine.fork(id, { branch: "main~1", messageId: a2 });
  }),

  engineCase("a thread is forked as it was at a version", async (engine) => {
    const id = await talk(engine, "q1", "a1");
    await engine.rename(id, "Then");
    const { version } = await engine.get(id);
    await say(engine, id, "q2");
    await engine.rename(id, "Now");
    await engine.truncate(id, null);
    const fork = await engine.fork(id, { at: version });
    assert.equal(fork.title, "Then");
    assert.deepEqual(await reads(engine, fork.id), ["q1", "a1"]);
    await refuses("version_not_found", () => engine.fork(id, { at: 0 }), "at");
    await refuses("version_not_found", () => engine.fork(id, { at: 99 }), "at");
  }),

  engineCase("an empty thread is forked, and one before its first message", async (engine) => {
    const id = await talk(engine);
    const fork = await engine.fork(id);
    assert.deepEqual(await reads(engine, fork.id), []);
    await say(engine, fork.id, "first here");
    await say(engine, id, "first there");
    const early = await engine.fork(id, { at: 1 });
    await say(engine, early.id, "first elsewhere", "yes");
    assert.deepEqual(await reads(engine, fork.id), ["first here"]);
    assert.deepEqual(await reads(engine, id), ["first there"]);
    assert.deepEqual(await reads(engine, early.id), ["first elsewhere", "yes"]);
    assert.deepEqual((await engine.get(early.id)).messagesTotal, 2);
  }),

  engineCase("forks of forks read through all their origins, page by page", async (engine) => {
    let id = await talk(engine, ...numbers(6).map((n) => `0.${n}`));
    const expected = ["0.0", "0.1", "0.2", "0.3", "0.4", "0.5"];
    for (const depth of [1, 2, 3, 4, 5]) {
      // Each leaves its origin one message before the end.
      const at = existing(expected.at(-2));
      id = (await engine.fork(id, { messageId: await idOf(engine, id, at) })).id;
      expected.pop();
      const said = numbers(4).map((n) => `${depth}.${n}`);
      await say(engine, id, ...said);
      expected.push(...said);
      assert.deepEqual(await reads(engine, id), expected);
    }
    assert.equal((await engine.get(id)).messageCount, expected.length);
    const pages: string[] = [];
    let before: string | undefined;
    for (;;) {
      const page = await engine.messages(id, { limit: 4, ...(before && { before }) });
      pages.unshift(
        ...page.messages.map(({ parts: [part] }) => (part?.type === "text" ? part.text : "")),
      );
      before = page.messages[0]?.id;
      if (!page.hasOlder) break;
    }
    assert.deepEqual(pages, expected);
    await engine.truncate(id, await idOf(engine, id, "2.1"));
    assert.deepEqual((await reads(engine, id)).at(-1), "2.1");
    await engine.edit(id, await idOf(engine, id, "0.1"), { content: "other" });
    assert.deepEqual(await reads(engine, id), ["0.0", "other"]);
  }),

  engineCase("a fork outlives the deletion and the purge of its origin", async (engine) => {
    const id = await talk(engine, "q1", "a1", "q2");
    const fork = await engine.fork(id, { messageId: await idOf(engine, id, "a1") });
    await engine.delete(id);
    assert.deepEqual(await reads(engine, fork.id), ["q1", "a1"]);
    await engine.delete(id, { purge: true });
    assert.deepEqual(await reads(engine, fork.id), ["q1", "a1"]);
    await say(engine, fork.id, "still here");
    assert.deepEqual(await reads(engine, fork.id), ["q1", "a1", "still here"]);
    await provesHits(engine, "a1", 1);
  }),

  engineCase(
    "redaction acts in every fork, previews included, but only from where the words were said",
    async (engine) => {
      const id = await talk(engine, "q1", "the secret");
      const fork = await engine.fork(id);
      const second = await engine.fork(fork.id);
      const secret = await idOf(engine, id, "the secret");
      assert.equal((await engine.get(fork.id)).lastMessage?.text, "the secret");
      await refuses("forbidden", () => engine.redact(fork.id, secret), "message_id");
      await refuses("forbidden", () => engine.annotate(fork.id, secret, { a: 1 }), "message_id");
      await engine.redact(id, secret);
      for (const thread of [id, fork.id, second.id]) {
        const stored = await engine.message(thread, secret);
        assert.deepEqual([stored.parts, stored.redacted], [[], true]);
        assert.equal((await engine.get(thread)).lastMessage?.text, "");
        await engine.rename(thread, "named");
        assert.equal((await engine.get(thread)).lastMessage?.text, "");
        assert.ok(!JSON.stringify(await engine.log(thread)).includes("the secret"));
        assert.ok(!JSON.stringify(await engine.list()).includes("the secret"));
      }
      await provesHits(engine, "secret", 0);
    },
  ),

  engineCase(
    "every thread that shares a message has an entry of its redaction, also one that is deleted",
    async (engine) => {
      const id = await talk(engine, "q1", "the secret");
      const secret = await idOf(engine, id, "the secret");
      const fork = await engine.fork(id);
      const second = await engine.fork(fork.id);
      const early = await engine.fork(id, { messageId: await idOf(engine, id, "q1") });
      const deleted = await engine.fork(id);
      await engine.delete(deleted.id);
      const following = take(engine.observe(fork.id, { after: fork.version }), 1);
      const options = { opId: "once", userId: "local", reason: "a private matter" };
      await engine.redact(id, secret, options);
      await engine.redact(id, secret, options);
      const [heard] = await following;
      assert.deepEqual([heard?.op, heard?.data], ["message.redact", { messageId: secret }]);
      await engine.undelete(deleted.id);
      for (const shared of [fork, second, deleted]) {
        const told = (await engine.log(shared.id)).filter(({ op }) => op === "message.redact");
        assert.deepEqual(
          told.map(({ data, actor }) => [data, actor]),
          [[{ messageId: secret }, "system"]],
        );
        assert.ok(!JSON.stringify(told).includes("once"));
      }
      assert.equal((await engine.log(early.id)).length, 1);
      const [own] = await engine.log(id, { after: (await engine.get(id)).version - 1 });
      assert.deepEqual(own?.data, { messageId: secret, reason: "a private matter" });
      assert.deepEqual((await engine.check()).problems, []);
    },
  ),

  engineCase(
    "commands of a thread stay in order around a redaction that is shared",
    async (engine) => {
      const id = await talk(engine, "q1", "the secret");
      const secret = await idOf(engine, id, "the secret");
      const fork = await engine.fork(id);
      await Promise.all([
        engine.rename(id, "before"),
        engine.redact(id, secret),
        engine.rename(id, "after"),
        engine.rename(fork.id, "in the fork"),
      ]);
      const ops = (await engine.log(id, { after: 4 })).map(({ op, data }) =>
        op === "thread.set" ? data.title : op,
      );
      assert.deepEqual(ops, ["before", "message.redact", "after"]);
      assert.equal((await engine.get(fork.id)).version, 3);
    },
  ),

  engineCase("the oldest fork inherits what its purged origin said", async (engine) => {
    const id = await talk(engine, "q1", "the secret");
    const secret = await idOf(engine, id, "the secret");
    const heir = await engine.fork(id);
    const other = await engine.fork(heir.id);
    await engine.delete(id);
    await refuses("forbidden", () => engine.redact(heir.id, secret), "message_id");
    await engine.delete(id, { purge: true });
    await refuses("forbidden", () => engine.redact(other.id, secret), "message_id");
    await refuses("forbidden", () => engine.annotate(other.id, secret, { a: 1 }), "message_id");
    await engine.annotate(heir.id, secret, { a: 1 });
    assert.deepEqual((await engine.message(other.id, secret)).metadata, { a: 1 });
    await engine.redact(heir.id, secret);
    for (const fork of [heir, other]) {
      const stored = await engine.message(fork.id, secret);
      assert.deepEqual([stored.parts, stored.redacted], [[], true]);
      assert.equal((await engine.log(fork.id)).at(-1)?.op, "message.redact");
      assert.ok(!JSON.stringify(await engine.log(fork.id)).includes("the secret"));
      assert.equal((await engine.get(fork.id)).lastMessage?.text, "");
    }
    await provesHits(engine, "secret", 0);
  }),

  engineCase("the last thread that has a message may redact it", async (engine) => {
    const id = await talk(engine, "the secret");
    const secret = await idOf(engine, id, "the secret");
    const fork = await engine.fork(id);
    const last = await engine.fork(fork.id);
    await engine.delete(id, { purge: true });
    await engine.delete(fork.id, { purge: true });
    await engine.redact(last.id, secret);
    assert.equal((await engine.message(last.id, secret)).redacted, true);
  }),

  {
    name: "no later write, of any process, brings back the words that a redaction took out of a preview",
    run: async ({ openEngine, openBeside }) => {
      const engine = await openEngine();
      const other = await openBeside(engine);
      const id = await talk(engine, "the secret");
      const secret = await idOf(engine, id, "the secret");
      const forks = [await engine.fork(id), await engine.fork(id), await engine.fork(id)];
      const [written, read, busy] = forks.map((fork) => fork.id);
      // The other process knows the heads, and writes to one of them as it knows it.
      for (const fork of forks) await other.tag(fork.id, { add: ["known"] });
      await Promise.all([
        engine.rename(existing(busy), "at the same moment"),
        engine.redact(id, secret),
        engine.tag(existing(busy), { add: ["then"] }),
      ]);
      assert.equal((await other.get(existing(read))).lastMessage?.text, "");
      await other.tag(existing(written), { add: ["seen"] });
      for (const each of [engine, other]) {
        for (const fork of forks) assert.equal((await each.get(fork.id)).lastMessage?.text, "");
        assert.deepEqual(
          (await each.list()).items.map(({ lastMessage }) => lastMessage?.text),
          ["", "", "", ""],
        );
      }
      await say(other, existing(written), "go on");
      assert.equal((await engine.get(existing(written))).lastMessage?.text, "go on");
    },
  },

  engineCase("a member may fork what they can read, and owns the fork", async (engine) => {
    const id = await talk(engine, "q1");
    await engine.setMember(id, "bob", "viewer");
    const fork = await engine.fork(id, {}, { userId: "bob" });
    assert.deepEqual([fork.owner, fork.members], ["bob", {}]);
    await say(engine.as({ user: "bob" }), fork.id, "mine now");
    await refuses("thread_not_found", () => engine.fork(fork.id, {}, { userId: "carol" }));
  }),

  engineCase("a thread is not forked at a message that is still being written", async (engine) => {
    const id = await talk(engine, "q1", "a1");
    const run = await startRun(engine, id, "q2");
    await engine.worker.progress("default", id, {
      runId: run.id,
      fence: run.fence,
      actions: [
        { kind: "message.open", id: "open", role: "assistant", author: { kind: "agent", id: "a" } },
      ],
    });
    await refuses("run_active", () => engine.fork(id));
    const fork = await engine.fork(id, {
      messageId: await idOf(engine, id, "q2").catch(() => idOf(engine, id, "question")),
    });
    assert.equal((await engine.get(fork.id)).status, "idle");
    await engine.worker.progress("default", id, {
      runId: run.id,
      fence: run.fence,
      actions: [
        {
          kind: "message.commit",
          id: "open",
          parts: [{ type: "text", text: "done" }],
          status: "completed",
        },
        { kind: "run.event", event: "complete" },
      ],
    });
    assert.deepEqual(await reads(engine, fork.id), ["q1", "a1", "q2"]);
    assert.equal((await engine.fork(id)).lastMessage?.text, "done");
    await finish(engine, await startRun(engine, fork.id, "q3"));
    assert.equal((await reads(engine, fork.id)).length, 5);
  }),
];
