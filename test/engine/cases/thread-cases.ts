import assert from "node:assert/strict";
import {
  engineCase,
  existing,
  idOf,
  ifSearched,
  numbers,
  provesHits,
  reads,
  refuses,
  say,
  startRun,
  talk,
  user,
} from "../engine-case.ts";
import type { EngineCase } from "../engine-case.ts";

export const THREAD_CASES: readonly EngineCase[] = [
  engineCase("a new thread has what it was made with, and nothing else", async (engine) => {
    const { thread, messages, run, branch } = await engine.create({
      id: "t1",
      title: "Plans",
      agentId: "helper",
      kind: "note",
      metadata: { room: 7 },
      tags: ["a", "b", "a"],
      members: { bob: "viewer" },
    });
    assert.deepEqual(await engine.get("t1"), thread);
    assert.deepEqual(
      { ...thread, createdAt: 0, updatedAt: 0 },
      {
        id: "t1",
        version: 1,
        owner: "local",
        title: "Plans",
        titleSource: "human",
        agentId: "helper",
        kind: "note",
        status: "idle",
        activeRunId: null,
        metadata: { room: 7 },
        tags: ["a", "b"],
        members: { bob: "viewer" },
        createdAt: 0,
        updatedAt: 0,
        archivedAt: null,
        deletedAt: null,
        messageCount: 0,
        messagesTotal: 0,
        lastMessage: null,
        usage: { inputTokens: 0, outputTokens: 0 },
        cost: { nanoDollars: 0, unpricedCalls: 0 },
      },
    );
    assert.deepEqual([messages, run, branch], [[], undefined, "main"]);
  }),

  engineCase(
    "a thread can be made with its first messages and a run, in one commit",
    async (engine) => {
      const made = await engine.create({
        messages: [
          { role: "system", content: "Be kind." },
          user("Hello there, how are you today?"),
        ],
        run: { agentId: "helper" },
      });
      assert.equal(made.messages.length, 2);
      assert.equal(made.run?.agentId, "helper");
      assert.equal(made.thread.status, "active");
      assert.equal(made.thread.activeRunId, made.run?.id);
      assert.equal(made.thread.title, "Hello there, how are you today?");
      const entries = await engine.log(made.thread.id);
      assert.deepEqual(
        entries.map(({ op }) => op),
        ["thread.create", "message.append", "message.append", "thread.set", "run.start"],
      );
      assert.equal(new Set(entries.map(({ opId }) => opId)).size, 1);
    },
  ),

  engineCase(
    "ids that were not given are made, and come in the order of their making",
    async (engine) => {
      const made = await Promise.all(numbers(5).map(() => engine.create()));
      const ids = made.map(({ thread }) => thread.id);
      assert.deepEqual(ids.toSorted(), ids);
      assert.ok(ids.every((id) => id.startsWith("th_")));
    },
  ),

  engineCase("a thread id is taken once", async (engine) => {
    await engine.create({ id: "mine" });
    await refuses("id_conflict", () => engine.create({ id: "mine" }), "id");
    const both = await Promise.allSettled([
      engine.create({ id: "two" }),
      engine.create({ id: "two" }),
    ]);
    assert.equal(both.filter(({ status }) => status === "fulfilled").length, 1);
  }),

  engineCase("a thread is listed by recency, filtered, page by page", async (engine) => {
    for (const n of numbers(7))
      await engine.create({ id: `t${n}`, tags: [n % 2 === 0 ? "even" : "odd"] });
    await say(engine, "t2", "again");
    const all = await engine.list({ limit: 3 });
    assert.deepEqual(
      all.items.map(({ id }) => id),
      ["t2", "t6", "t5"],
    );
    const next = await engine.list({ limit: 3, cursor: existing(all.nextCursor) });
    assert.deepEqual(
      next.items.map(({ id }) => id),
      ["t4", "t3", "t1"],
    );
    const last = await engine.list({ limit: 3, cursor: existing(next.nextCursor) });
    assert.deepEqual(
      last.items.map(({ id }) => id),
      ["t0"],
    );
    assert.equal(last.nextCursor, undefined);
    const odd = await engine.list({ tag: "odd" });
    assert.deepEqual(
      odd.items.map(({ id }) => id),
      ["t5", "t3", "t1"],
    );
    assert.deepEqual(
      (await engine.list({ offset: 5 })).items.map(({ id }) => id),
      ["t1", "t0"],
    );
  }),

  engineCase("a cursor works only for its own list, filter and user", async (engine) => {
    for (const n of numbers(3)) await engine.create({ id: `t${n}` });
    const { nextCursor: cursor } = await engine.list({ limit: 1 });
    const at = { limit: 1, cursor: existing(cursor) };
    await refuses("invalid_cursor", () => engine.list({ ...at, tag: "a" }), "cursor");
    await refuses("invalid_cursor", () => engine.list(at, { userId: "bob" }), "cursor");
    await refuses("invalid_cursor", () => engine.list({ cursor: "nonsense" }), "cursor");
    for (const search of ifSearched(engine, () => engine.search({ text: "a", cursor: at.cursor })))
      await refuses("invalid_cursor", search, "cursor");
    assert.equal((await engine.list(at)).items[0]?.id, "t1");
  }),

  engineCase("a title set by a person stays, one made from words gives way", async (engine) => {
    const id = await talk(
      engine,
      "Tell me about the tides of the North Sea and about nothing else, please",
    );
    const auto = await engine.get(id);
    assert.equal(auto.title, "Tell me about the tides of the North Sea and about");
    assert.equal(auto.titleSource, "auto");
    const named = await engine.rename(id, "Tides");
    assert.deepEqual([named.title, named.titleSource], ["Tides", "human"]);
    await say(engine, id, "And the moon?");
    assert.equal((await engine.get(id)).title, "Tides");
    assert.equal((await engine.rename(id, null)).title, null);
    await say(engine, id, "Moon then");
    assert.equal((await engine.get(id)).title, "Moon then");
  }),

  engineCase("metadata is merged by RFC 7396", async (engine) => {
    const { thread } = await engine.create({ metadata: { a: 1, b: { c: 2, d: 3 }, e: [1] } });
    const merged = await engine.update(thread.id, {
      metadata: { a: null, b: { c: null, x: 1 }, e: [2] },
    });
    assert.deepEqual(merged.metadata, { b: { d: 3, x: 1 }, e: [2] });
    assert.deepEqual(
      (await engine.log(thread.id, { after: 1 })).map(({ op }) => op),
      ["metadata.set", "metadata.unset"],
    );
    const same = await engine.update(thread.id, { metadata: { b: { d: 3 } }, tags: [] });
    assert.equal(same.version, merged.version);
  }),

  engineCase(
    "metadata, tags and titles over their limits change nothing and name the field",
    async (engine) => {
      const { thread } = await engine.create({ metadata: { kept: true } });
      const { id } = thread;
      const many = Object.fromEntries(numbers(65).map((n) => [`k${n}`, n]));
      await refuses("metadata_too_large", () => engine.update(id, { metadata: many }), "metadata");
      const long = { text: "x".repeat(16_385) };
      await refuses("metadata_too_large", () => engine.update(id, { metadata: long }), "metadata");
      await refuses("metadata_too_large", () => engine.create({ metadata: long }), "metadata");
      await refuses("limit_exceeded", () => engine.rename(id, "x".repeat(501)), "title");
      await refuses("invalid_text", () => engine.rename(id, "two\nlines"), "title");
      await refuses("invalid_request", () => engine.update(id, { tags: [" "] }), "tags");
      await refuses(
        "limit_exceeded",
        () => engine.tag(id, { add: numbers(65).map((n) => `t${n}`) }),
        "tags",
      );
      await refuses("invalid_id", () => engine.create({ id: "no spaces" }), "id");
      assert.deepEqual(await engine.get(id), thread);
    },
  ),

  engineCase("tags are added, removed and replaced", async (engine) => {
    const { thread } = await engine.create({ tags: ["a", "b"] });
    assert.deepEqual((await engine.tag(thread.id, { add: ["c", "a"], remove: ["b"] })).tags, [
      "a",
      "c",
    ]);
    assert.deepEqual((await engine.update(thread.id, { tags: ["z"] })).tags, ["z"]);
    assert.deepEqual((await engine.list({ tag: "a" })).items, []);
  }),

  engineCase(
    "an archived thread leaves the list, and comes back when something is said",
    async (engine) => {
      const id = await talk(engine, "hello");
      const archived = await engine.archive(id);
      assert.equal(typeof archived.archivedAt, "number");
      assert.equal((await engine.archive(id)).version, archived.version);
      assert.deepEqual((await engine.list()).items, []);
      assert.equal((await engine.list({ archived: true })).items.length, 1);
      await engine.rename(id, "still away");
      assert.equal((await engine.list()).items.length, 0);
      await say(engine, id, "back");
      assert.equal((await engine.get(id)).archivedAt, null);
      await engine.archive(id);
      assert.equal((await engine.unarchive(id)).archivedAt, null);
    },
  ),

  engineCase(
    "an edit and another answer bring an archived thread back; a cut does not",
    async (engine) => {
      const id = await talk(engine, "q1", "a1");
      const q1 = await idOf(engine, id, "q1");
      const isArchived = async (): Promise<boolean> => (await engine.get(id)).archivedAt !== null;
      await engine.archive(id);
      await refuses("message_not_found", () => engine.edit(id, "nobody", { content: "x" }));
      assert.equal(await isArchived(), true);
      await engine.edit(id, q1, { content: "q1 again" });
      assert.equal(await isArchived(), false);
      await engine.archive(id);
      const { run } = await engine.regenerate(id);
      assert.equal(await isArchived(), false);
      await engine.cancelRun(id, existing(run).id);
      await engine.archive(id);
      await engine.truncate(id, null);
      assert.equal(await isArchived(), true);
    },
  ),

  engineCase("who creates a thread may expect that there is none yet", async (engine) => {
    const made = await engine.create({ id: "t" }, { expectedVersion: 0, expectedHead: null });
    assert.equal(made.thread.version, 1);
    await refuses("id_conflict", () => engine.create({ id: "t" }, { expectedVersion: 0 }), "id");
    await refuses(
      "version_conflict",
      () => engine.create({ id: "u" }, { expectedVersion: 3 }),
      "expected_version",
    );
    await refuses(
      "version_conflict",
      () => engine.create({ id: "u" }, { expectedHead: "m" }),
      "expected_head",
    );
    await refuses("thread_not_found", () => engine.get("u"));
  }),

  engineCase("what is expected of a fork is expected of its origin", async (engine) => {
    const id = await talk(engine, "q1");
    const { version } = await engine.get(id);
    const expectedHead = await idOf(engine, id, "q1");
    const options = { expectedVersion: version, expectedHead, opId: "once" };
    const fork = await engine.fork(id, {}, options);
    assert.equal(fork.version, 1);
    await say(engine, id, "moves on");
    assert.equal((await engine.fork(id, {}, options)).id, fork.id);
    const refused = [{ expectedVersion: version - 1 }, { expectedHead: null }];
    for (const expected of refused)
      await refuses("version_conflict", () => engine.fork(id, {}, expected));
    assert.equal((await engine.list()).items.length, 2);
  }),

  engineCase("a deleted thread is gone for everybody, until it is undeleted", async (engine) => {
    const id = await talk(engine, "hello");
    await engine.delete(id);
    await refuses("thread_deleted", () => engine.get(id));
    await refuses("thread_deleted", () => engine.messages(id));
    await refuses("thread_deleted", () => say(engine, id, "more"));
    await refuses("thread_deleted", () => engine.fork(id));
    await refuses("thread_deleted", () => engine.delete(id));
    await refuses("thread_deleted", () => engine.create({ id }));
    await refuses("thread_not_found", () => engine.get(id, { userId: "stranger" }));
    assert.deepEqual((await engine.list()).items, []);
    assert.deepEqual(await engine.getMany([id]), [null]);
    await provesHits(engine, "hello", 0);
    assert.equal((await engine.list({ deleted: true })).items[0]?.id, id);
    assert.equal((await engine.undelete(id)).deletedAt, null);
    assert.deepEqual(await reads(engine, id), ["hello"]);
  }),

  engineCase("a purged thread is erased, and its id is not given again", async (engine) => {
    const id = await talk(engine, "the secret word");
    await engine.delete(id, { purge: true });
    await refuses("thread_not_found", () => engine.get(id));
    await refuses("thread_not_found", () => engine.undelete(id));
    await refuses("thread_not_found", () => engine.create({ id }));
    await refuses("thread_not_found", () => engine.log(id));
    await provesHits(engine, "secret", 0);
    assert.deepEqual((await engine.list({ deleted: true })).items, []);
    const later = await talk(engine, "hello");
    await engine.delete(later);
    await engine.delete(later, { purge: true });
    await refuses("thread_not_found", () => engine.get(later));
  }),

  engineCase("deleting ends runs that wait, and is refused while one works", async (engine) => {
    const id = await talk(engine);
    const run = await startRun(engine, id);
    const { run: waiting } = await engine.append(id, { messages: [user("later")], run: {} });
    await refuses("run_active", () => engine.delete(id));
    await refuses("run_active", () => engine.delete(id, { purge: true }));
    await engine.cancelRun(id, run.id);
    await engine.worker.progress("default", id, {
      runId: run.id,
      fence: run.fence,
      actions: [{ kind: "run.event", event: "cancel" }],
    });
    await engine.delete(id);
    await engine.undelete(id);
    assert.equal((await engine.run(id, existing(waiting).id)).status, "cancelled");
    assert.deepEqual(await reads(engine, id), ["question", "later"]);
    assert.equal((await engine.get(id)).status, "idle");
  }),

  engineCase("an entry of the caller's own making is in the log", async (engine) => {
    const id = await talk(engine);
    await engine.custom(id, "deploy", { to: "production" });
    const [entry] = await engine.log(id, { after: 1 });
    assert.deepEqual(
      [entry?.op, entry?.data],
      ["custom", { name: "deploy", data: { to: "production" } }],
    );
    await refuses("invalid_id", () => engine.custom(id, ""), "name");
    await refuses("invalid_text", () => engine.custom(id, "odd", "a\0b"), "data");
  }),

  engineCase("a call whose signal has aborted does nothing", async (engine) => {
    const { thread } = await engine.create();
    const signal = AbortSignal.abort(new Error("enough"));
    await refuses("aborted", () => engine.rename(thread.id, "x", { signal }));
    await refuses("aborted", () => engine.get(thread.id, { signal }));
    assert.deepEqual(await engine.get(thread.id), thread);
  }),
];
