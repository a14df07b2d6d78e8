import assert from "node:assert/strict";
import type { ThreadWriter, WriterState } from "../../../src/engine/thread-writer.ts";
import { textOf } from "../../../src/model/part.ts";
import { engineCase, finish, idOf, reads, refuses, say, startRun, talk } from "../engine-case.ts";
import type { EngineCase } from "../engine-case.ts";

const next = (state: WriterState, change: Partial<WriterState>): WriterState => ({
  ...state,
  ...change,
  v: state.v + 1,
});

const added = (state: WriterState, content: string): WriterState =>
  next(state, { messages: [...state.messages, { role: "user", content }] });

export const WRITER_CASES: readonly EngineCase[] = [
  engineCase("a writer sees the thread and changes it as a whole", async (engine) => {
    const id = await talk(engine, "q1", "a1", "q2");
    await engine.update(id, { metadata: { a: 1, b: { c: 2, d: 3 } }, tags: ["x"] });
    await using writer = await engine.acquireWriter(id);
    const { version, title } = await engine.get(id);
    assert.deepEqual(
      { ...writer.state, messages: writer.state.messages.map(({ role }) => role) },
      {
        id,
        v: version,
        title,
        metadata: { a: 1, b: { c: 2, d: 3 } },
        tags: ["x"],
        messages: ["user", "assistant", "user"],
      },
    );
    const state = await writer.modify((current) =>
      next(current, {
        title: "Mine",
        metadata: { b: { d: 4 }, e: [1] },
        tags: ["y"],
        messages: [...current.messages.slice(0, 2), { role: "user", content: "other q2" }],
      }),
    );
    assert.deepEqual(writer.state, state);
    const thread = await engine.get(id);
    assert.deepEqual(
      [thread.title, thread.metadata, thread.tags, thread.version],
      ["Mine", { b: { d: 4 }, e: [1] }, ["y"], state.v],
    );
    assert.deepEqual(await reads(engine, id), ["q1", "a1", "other q2"]);
    assert.deepEqual(await reads(engine, id, { branch: "main~1" }), ["q1", "a1", "q2"]);
  }),

  engineCase("only one writer has a thread; anybody may still append", async (engine) => {
    const id = await talk(engine, "q1");
    const writer = await engine.acquireWriter(id);
    await assert.rejects(engine.acquireWriter(id), (error: unknown) => {
      const { code, details } = error as { code?: string; details?: Record<string, unknown> };
      assert.equal(code, "writer_busy");
      assert.equal(typeof details?.["holder"], "string");
      assert.match(String(details?.["expires_at"]), /^\d{4}-.*Z$/u);
      return true;
    });
    await (await engine.acquireWriter(await talk(engine))).dispose();
    await say(engine, id, "in between");
    const calls: number[] = [];
    await writer.modify(async (current) => {
      calls.push(current.messages.length);
      // Somebody speaks while the modifier thinks: it is asked again.
      if (calls.length === 1) await say(engine, id, "and again");
      return added(current, "mine");
    });
    assert.deepEqual(calls, [2, 3]);
    assert.deepEqual(await reads(engine, id), ["q1", "in between", "and again", "mine"]);
    await writer.dispose();
    await writer.dispose();
    await refuses("lease_lost", () => writer.modify((current) => added(current, "late")));
    const second = await engine.acquireWriter(id);
    assert.ok(second.fence > writer.fence);
    await second.dispose();
  }),

  engineCase("a writer is for those who may write", async (engine) => {
    const { thread } = await engine.create({ members: { bob: "viewer" } }, { userId: "alice" });
    await refuses("forbidden", () => engine.acquireWriter(thread.id, { userId: "bob" }));
    for (const id of [thread.id, "th_nobody"])
      await refuses("thread_not_found", () => engine.acquireWriter(id, { userId: "carol" }));
    await (await engine.acquireWriter(thread.id, { userId: "alice" })).dispose();
  }),

  engineCase("modifications are carried out one after another", async (engine) => {
    const id = await talk(engine);
    await using writer = await engine.acquireWriter(id);
    await Promise.all(
      ["a", "b", "c", "d"].map((said) => writer.modify((current) => added(current, said))),
    );
    assert.deepEqual(await reads(engine, id), ["a", "b", "c", "d"]);
    await refuses("version_not_incremented", () => writer.modify((current) => current), "v");
    for (const returned of [undefined, null, 7, "a", []].map(untyped))
      await refuses("invalid_request", () => writer.modify(() => returned), "modifier");
    const odd = (change: unknown): unknown =>
      writer.modify((current) => next(current, untyped(change)));
    for (const message of [null, 7, "a", { role: "user" }, { content: "a", role: "nobody" }])
      await refuses("invalid_request", async () => odd({ messages: [message] }));
    for (const change of [{ messages: {} }, { tags: "x" }, { metadata: [] }, { title: 7 }])
      await refuses("invalid_request", async () => odd(change));
    assert.deepEqual(await reads(engine, id), ["a", "b", "c", "d"]);
    await refuses("version_not_incremented", () =>
      writer.modify((current) => ({ ...current, v: Number.NaN })),
    );
    await assert.rejects(
      writer.modify(() => Promise.reject(new Error("changed my mind"))),
      /changed my mind/u,
    );
    await writer.modify((current) => added(current, "e"));
    assert.equal((await reads(engine, id)).length, 5);
  }),

  engineCase(
    "a message that stays cannot be changed, one that moves is said again",
    async (engine) => {
      const id = await talk(engine, "q1", "a1", "q2");
      await using writer = await engine.acquireWriter(id);
      const other = (state: WriterState): WriterState =>
        next(state, { messages: state.messages.map((it) => ({ ...it, content: "changed" })) });
      const { version } = await engine.get(id);
      await refuses("invalid_request", () => writer.modify(other), "messages");
      await refuses("metadata_too_large", () =>
        writer.modify((state) => next(state, { metadata: { x: "y".repeat(20_000) } })),
      );
      assert.equal((await engine.get(id)).version, version);
      await writer.modify((state) =>
        next(state, { messages: state.messages.filter((_it, index) => index !== 1) }),
      );
      assert.deepEqual(await reads(engine, id), ["q1", "q2"]);
      assert.deepEqual(await reads(engine, id, { branch: "main~1" }), ["q1", "a1", "q2"]);
      await writer.modify((state) => next(state, { messages: [] }));
      assert.deepEqual(await reads(engine, id), []);
    },
  ),

  engineCase("a writer goes on over a message that was redacted", async (engine) => {
    const id = await talk(engine, "secret", "a1");
    await engine.redact(id, await idOf(engine, id, "secret"));
    await using writer = await engine.acquireWriter(id);
    await writer.modify((state) =>
      next(state, {
        messages: [...state.messages.map((it) => ({ ...it })), { role: "user", content: "on" }],
      }),
    );
    assert.deepEqual(await reads(engine, id), ["", "a1", "on"]);
  }),

  engineCase("a writer hears how the thread goes on, by itself and by others", async (engine) => {
    const id = await talk(engine, "q1");
    await using writer = await engine.acquireWriter(id);
    const seen = statesUntil(writer, "theirs");
    await writer.modify((state) => added(state, "mine"));
    await new Promise(setImmediate);
    await say(engine, id, "theirs");
    // What comes in quick succession may be told as one state.
    const states = await seen;
    assert.equal(states[0]?.messages.length, 1);
    assert.equal(states.at(-1)?.messages.length, 3);
    assert.ok(states.every(({ v }, index) => index === 0 || v > (states[index - 1]?.v ?? 0)));
  }),

  engineCase("what was saved is told at the latest when the writer goes", async (engine) => {
    const id = await talk(engine);
    const saved: WriterState[] = [];
    const errors: unknown[] = [];
    const fault = new Error("cannot listen");
    const writer = await engine.acquireWriter(id, {
      debounceMs: 60_000,
      onSave: (state) => {
        saved.push(state);
        throw fault;
      },
      onError: (error) => errors.push(error),
    });
    await writer.modify((state) => added(state, "a"));
    const state = await writer.modify((current) => added(current, "b"));
    // Durable already, told later.
    assert.deepEqual([saved.length, (await engine.get(id)).version], [0, state.v]);
    await writer.dispose();
    assert.deepEqual(saved, [state]);
    assert.deepEqual(errors, [fault]);
  }),

  engineCase("a writer may make the thread, and refuses while a run holds it", async (engine) => {
    await refuses("thread_not_found", () => engine.acquireWriter("new"));
    await using writer = await engine.acquireWriter("new", { create: true });
    assert.deepEqual([writer.state.v, writer.state.messages], [1, []]);
    const run = await startRun(engine, "new", "q1");
    await refuses("run_active", () => writer.modify((state) => next(state, { messages: [] })));
    await writer.modify((state) => next(state, { title: "a name is fine" }));
    await finish(engine, run);
    await writer.modify((state) => next(state, { messages: [] }));
    assert.deepEqual(await reads(engine, "new"), []);
  }),

  engineCase("a writer whose lease was taken over writes nothing, and is told", async (engine) => {
    const id = await talk(engine);
    const errors: unknown[] = [];
    const writer = await engine.acquireWriter(id, { onError: (error) => errors.push(error) });
    const key = `writer:default:${id}`;
    // As if it had slept for longer than its lease.
    const { lease } = await engine.store.acquireLease(key, "somebody", 1);
    await engine.store.releaseLease(lease);
    await using other = await engine.acquireWriter(id);
    assert.ok(other.fence > writer.fence);
    await refuses("lease_lost", () => writer.modify((state) => added(state, "mine")));
    assert.equal(errors.length, 1);
    assert.deepEqual(await reads(engine, id), []);
    await other.modify((state) => added(state, "theirs"));
    await writer.dispose();
    await refuses("writer_busy", () => engine.acquireWriter(id));
  }),
];

/** What the compiler would refuse, as it comes from JavaScript. */
function untyped(value: unknown): WriterState {
  return JSON.parse(JSON.stringify({ value })).value;
}

/** The states that a writer tells, up to the first one whose last message says this. */
async function statesUntil(writer: ThreadWriter, said: string): Promise<readonly WriterState[]> {
  const states: WriterState[] = [];
  for await (const state of writer.observe()) {
    states.push(state);
    const content = state.messages.at(-1)?.content;
    if ((typeof content === "string" ? content : textOf(content ?? [])) === said) break;
  }
  return states;
}
