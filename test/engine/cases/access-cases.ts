import assert from "node:assert/strict";
import type { CallOptions, Engine } from "../../../src/engine/engine.ts";
import {
  engineCase,
  existing,
  idOf,
  ifSearched,
  provesHits,
  reads,
  refuses,
  say,
  take,
  talk,
  user,
} from "../engine-case.ts";
import type { EngineCase } from "../engine-case.ts";

const ALICE: CallOptions = { userId: "alice" };
const BOB: CallOptions = { userId: "bob" };
const CAROL: CallOptions = { userId: "carol" };

async function shared(engine: Engine): Promise<string> {
  const { thread } = await engine.create(
    { members: { bob: "viewer" }, messages: [user("Alice speaks")] },
    ALICE,
  );
  return thread.id;
}

export const ACCESS_CASES: readonly EngineCase[] = [
  engineCase("another user's thread is not found, whatever is asked of it", async (engine) => {
    const id = await shared(engine);
    const messageId = await idOf(engine, id, "Alice speaks");
    const asked: readonly ((id: string) => Promise<unknown>)[] = [
      (it) => engine.get(it, CAROL),
      (it) => engine.get(it, { ...CAROL, at: 1 }),
      (it) => engine.detail(it, CAROL),
      (it) => engine.stats(it, CAROL),
      (it) => engine.append(it, { messages: [user("x")] }, CAROL),
      (it) => engine.messages(it, {}, CAROL),
      (it) => engine.message(it, messageId, CAROL),
      (it) => engine.annotate(it, messageId, { a: 1 }, CAROL),
      (it) => engine.redact(it, messageId, CAROL),
      (it) => engine.discard(it, messageId, CAROL),
      (it) => engine.update(it, { title: "x" }, CAROL),
      (it) => engine.rename(it, "x", CAROL),
      (it) => engine.tag(it, { add: ["x"] }, CAROL),
      (it) => engine.archive(it, CAROL),
      (it) => engine.unarchive(it, CAROL),
      (it) => engine.delete(it, CAROL),
      (it) => engine.delete(it, { ...CAROL, purge: true }),
      (it) => engine.undelete(it, CAROL),
      (it) => engine.setMember(it, "carol", "owner", CAROL),
      (it) => engine.removeMember(it, "bob", CAROL),
      (it) => engine.link(it, { kind: "related", threadId: "other" }, CAROL),
      (it) => engine.unlink(it, { kind: "related", threadId: "other" }, CAROL),
      (it) => engine.related(it, {}, CAROL),
      (it) => engine.getRelatedThreads(it, CAROL),
      (it) => engine.createSummaryThread(it, "x", CAROL),
      (it) => engine.continueThread(it, {}, CAROL),
      (it) => engine.branches(it, CAROL),
      (it) => engine.branch(it, { name: "x" }, CAROL),
      (it) => engine.renameBranch(it, "main", "x", CAROL),
      (it) => engine.removeBranch(it, "x", CAROL),
      (it) => engine.edit(it, messageId, { content: "x" }, CAROL),
      (it) => engine.regenerate(it, {}, CAROL),
      (it) => engine.truncate(it, null, CAROL),
      (it) => engine.fork(it, {}, CAROL),
      (it) => engine.restoreVersion(it, 1, CAROL),
      (it) => engine.log(it, {}, CAROL),
      (it) => take(engine.observe(it, CAROL), 1),
      (it) => engine.custom(it, "x", null, CAROL),
      (it) => engine.runs(it, {}, CAROL),
      (it) => engine.run(it, "run_1", CAROL),
      (it) => engine.steps(it, "run_1", CAROL),
      (it) => engine.cancelRun(it, "run_1", CAROL),
      (it) => engine.create({ id: it }, CAROL),
      ...ifSearched(engine, (it: string) => engine.search({ text: "Alice", threadId: it }, CAROL)),
    ];
    for (const ask of asked) await refuses("thread_not_found", () => ask(id));
    for (const ask of asked.filter((it) => !String(it).includes("create")))
      await refuses("thread_not_found", () => ask("th_nobody"));
    assert.deepEqual(await engine.getMany([id, "th_nobody"], CAROL), [null, null]);
    assert.deepEqual((await engine.list({}, CAROL)).items, []);
    await provesHits(engine, "Alice", 0, CAROL);
    assert.equal((await engine.get(id, ALICE)).version, 3);
  }),

  engineCase("a viewer reads and may not write", async (engine) => {
    const id = await shared(engine);
    assert.deepEqual(await engine.get(id, BOB), await engine.get(id, ALICE));
    assert.equal((await engine.list({}, BOB)).items[0]?.id, id);
    await provesHits(engine, "speaks", 2, BOB);
    const messageId = await idOf(engine, id, "Alice speaks");
    await refuses("forbidden", () => engine.append(id, { messages: [user("x")] }, BOB));
    await refuses("forbidden", () => engine.rename(id, "x", BOB));
    await refuses("forbidden", () => engine.annotate(id, messageId, { a: 1 }, BOB));
    await refuses("forbidden", () => engine.truncate(id, null, BOB));
    await refuses("forbidden", () => engine.delete(id, BOB));
    await refuses("forbidden", () => engine.setMember(id, "bob", "owner", BOB));
  }),

  engineCase("an editor writes, and only an owner manages members and deletes", async (engine) => {
    const id = await shared(engine);
    await engine.setMember(id, "bob", "editor", ALICE);
    const { messages } = await engine.append(id, { messages: [user("Bob too")] }, BOB);
    assert.deepEqual(messages[0]?.author, { kind: "user", id: "bob" });
    await refuses("forbidden", () => engine.delete(id, BOB));
    await engine.setMember(id, "carol", "viewer", ALICE);
    await refuses("forbidden", () => engine.removeMember(id, "carol", BOB));
    // Everybody may leave.
    await engine.removeMember(id, "carol", CAROL);
    const { members } = await engine.setMember(id, "bob", "owner", ALICE);
    assert.deepEqual(members, { bob: "owner" });
    await engine.setMember(id, "carol", "viewer", BOB);
    await engine.delete(id, BOB);
    await engine.undelete(id, BOB);
    await refuses("invalid_id", () => engine.setMember(id, "*", "viewer", ALICE));
    await refuses("invalid_request", () => engine.setMember(id, "alice", "viewer", BOB), "user");
    await refuses("invalid_request", () => engine.removeMember(id, "alice", BOB), "user");
    await refuses(
      "invalid_request",
      () => engine.setMember(id, "dave", "king" as "owner", ALICE),
      "role",
    );
  }),

  engineCase("a removed member sees nothing any more, and stops observing", async (engine) => {
    const id = await shared(engine);
    const observed = engine.observe(id, BOB)[Symbol.asyncIterator]();
    const version = (await engine.get(id)).version;
    for (let seen = 0; seen < version; seen++) await observed.next();
    await engine.removeMember(id, "bob", ALICE);
    await say(engine, id, "a secret");
    assert.equal((await observed.next()).value?.op, "member.remove");
    await refuses("thread_not_found", async () => observed.next());
    await refuses("thread_not_found", () => engine.get(id, BOB));
    assert.deepEqual((await engine.list({}, BOB)).items, []);
    await provesHits(engine, "secret", 0, BOB);
  }),

  engineCase("a removed member who repeats a command learns nothing", async (engine) => {
    const id = await shared(engine);
    await engine.setMember(id, "bob", "editor", ALICE);
    const input = { messages: [user("from Bob")] };
    await engine.append(id, input, { ...BOB, opId: "op-1" });
    await engine.removeMember(id, "bob", ALICE);
    await refuses("thread_not_found", () => engine.append(id, input, { ...BOB, opId: "op-1" }));
  }),

  engineCase("users called like members of every object are strangers", async (engine) => {
    const id = await shared(engine);
    for (const userId of ["constructor", "hasOwnProperty", "toString"]) {
      await refuses("thread_not_found", () => engine.get(id, { userId }));
      await engine.setMember(id, userId, "viewer", ALICE);
      assert.equal((await engine.get(id, { userId })).id, id);
      await engine.removeMember(id, userId, ALICE);
      await refuses("thread_not_found", () => engine.get(id, { userId }));
    }
  }),

  engineCase("tenants see nothing of one another, and may use the same ids", async (engine) => {
    const [here, there] = [engine.as({ tenant: "a" }), engine.as({ tenant: "b" })];
    await here.create({ id: "t", messages: [user("here", "m1")] }, { opId: "op" });
    await there.create({ id: "t", messages: [user("there", "m1")] }, { opId: "op" });
    assert.deepEqual(await reads(here, "t"), ["here"]);
    assert.deepEqual(await reads(there, "t"), ["there"]);
    await provesHits(here, "there", 0);
    await here.delete("t", { purge: true });
    assert.deepEqual(await reads(there, "t"), ["there"]);
  }),

  engineCase(
    "an engine that is bound to a user cannot act as another, nor gain rights",
    async (engine) => {
      const alice = engine.as({ user: "alice", scopes: ["read", "write"] });
      await refuses("forbidden", () => alice.list({}, BOB), "user_id");
      assert.throws(() => alice.as({ user: "bob" }), { code: "forbidden" });
      assert.throws(() => alice.as({ user: null }), { code: "forbidden" });
      assert.throws(() => alice.as({ tenant: "other" }), { code: "forbidden" });
      const reader = alice.as({ scopes: ["read"] });
      await refuses("forbidden", () => reader.create());
      await refuses("forbidden", () => reader.as({ scopes: ["read", "write"] }).create());
      const id = await talk(alice, "mine");
      await refuses("forbidden", () => say(reader, id, "more"));
      assert.deepEqual(await reads(reader, id), ["mine"]);
      const writer = engine.as({ user: "alice", scopes: ["write"] });
      await refuses("forbidden", () => writer.get(id));
      await refuses("forbidden", () => writer.list());
      await refuses("forbidden", () => writer.search({ text: "mine" }));
      await refuses("forbidden", () => writer.getMany([id]));
      await refuses("forbidden", () => take(writer.feed(), 1));
    },
  ),

  engineCase("a person speaks only for themselves", async (engine) => {
    const id = await shared(engine);
    const as = (author: string, options?: CallOptions): Promise<unknown> =>
      engine.append(id, { messages: [{ ...user("x"), author }] }, options);
    await refuses("forbidden", () => as("bob", ALICE), "author");
    await as("bob");
    const { messages } = await engine.messages(id);
    assert.deepEqual(existing(messages.at(-1)).author, { kind: "user", id: "bob" });
  }),

  engineCase(
    "calls without a user run as local and see every thread of the tenant",
    async (engine) => {
      const id = await shared(engine);
      const own = await talk(engine, "mine");
      assert.equal((await engine.get(own)).owner, "local");
      assert.equal((await engine.get(id)).owner, "alice");
      assert.equal((await engine.list()).items.length, 2);
      assert.equal((await engine.list({ owner: "alice" })).items.length, 1);
      await refuses("thread_not_found", () => engine.get(own, ALICE));
    },
  ),
];
