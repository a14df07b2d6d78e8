import assert from "node:assert/strict";
import { textOf } from "../../../src/model/part.ts";
import {
  engineCase,
  existing,
  finish,
  idOf,
  numbers,
  reads,
  refuses,
  say,
  startRun,
  talk,
  user,
} from "../engine-case.ts";
import type { EngineCase } from "../engine-case.ts";

const call = { type: "tool-call", callId: "c1", name: "look", inputText: "{}" } as const;
const result = {
  type: "tool-result",
  callId: "c1",
  name: "look",
  outcome: "ok",
  output: { type: "text", text: "seen" },
} as const;

export const BRANCH_CASES: readonly EngineCase[] = [
  engineCase(
    "a branch starts at the head of another, or at a message, and grows by itself",
    async (engine) => {
      const id = await talk(engine, "q1", "a1", "q2");
      const whole = await engine.branch(id, { name: "whole" });
      assert.deepEqual([whole.count, whole.of, whole.reason], [3, "main", "fork"]);
      await engine.branch(id, { name: "early", messageId: await idOf(engine, id, "q1") });
      await engine.branch(id, { name: "empty", messageId: null });
      await engine.branch(id, { name: "again", from: "early" });
      for (const branch of ["whole", "early", "empty", "again"])
        await engine.append(id, { branch, messages: [user(`on ${branch}`)] });
      await say(engine, id, "on main");
      assert.deepEqual(await reads(engine, id), ["q1", "a1", "q2", "on main"]);
      assert.deepEqual(await reads(engine, id, { branch: "whole" }), [
        "q1",
        "a1",
        "q2",
        "on whole",
      ]);
      assert.deepEqual(await reads(engine, id, { branch: "early" }), ["q1", "on early"]);
      assert.deepEqual(await reads(engine, id, { branch: "empty" }), ["on empty"]);
      assert.deepEqual(await reads(engine, id, { branch: "again" }), ["q1", "on again"]);
      const { messageCount, messagesTotal } = await engine.get(id);
      assert.deepEqual([messageCount, messagesTotal], [4, 8]);
    },
  ),

  engineCase("branches are named, renamed and removed; main stays", async (engine) => {
    const id = await talk(engine, "q");
    assert.equal((await engine.branch(id, {})).name, "main~1");
    assert.equal((await engine.branch(id, {})).name, "main~2");
    await refuses("branch_exists", () => engine.branch(id, { name: "main~1" }), "name");
    assert.equal((await engine.renameBranch(id, "main~1", "idea")).name, "idea");
    await refuses("branch_exists", () => engine.renameBranch(id, "main~2", "idea"), "name");
    await refuses("branch_not_found", () => engine.renameBranch(id, "main~1", "x"), "branch");
    await refuses("branch_protected", () => engine.renameBranch(id, "main", "x"));
    await refuses("branch_protected", () => engine.removeBranch(id, "main"));
    for (const name of ["two words", "", "__proto__", "x".repeat(129)])
      await refuses("invalid_id", () => engine.branch(id, { name }), "name");
    await engine.branch(id, { name: "constructor" });
    await engine.removeBranch(id, "constructor");
    await engine.removeBranch(id, "idea");
    await refuses("branch_not_found", () => engine.messages(id, { branch: "idea" }), "branch");
    assert.deepEqual(
      (await engine.branches(id)).map(({ name }) => name),
      ["main", "main~2"],
    );
    assert.deepEqual(await reads(engine, id), ["q"]);
  }),

  engineCase("branches are listed main first, then by age and by name", async (engine) => {
    const id = await talk(engine, "q1", "a1", "q2");
    await engine.branch(id, { name: "another-one" });
    await engine.truncate(id, await idOf(engine, id, "a1"));
    // The path that main leaves is as old as the thread.
    assert.deepEqual(
      (await engine.branches(id)).map(({ name }) => name),
      ["main", "main~1", "another-one"],
    );
  }),

  engineCase("an edit replaces a message by a sibling, and keeps the old path", async (engine) => {
    const id = await talk(engine, "q1", "a1", "q2", "a2");
    const old = await idOf(engine, id, "q2");
    const { messages, branch, thread } = await engine.edit(id, old, { content: "better q2" });
    assert.deepEqual([messages[0]?.editOf, branch], [old, "main"]);
    assert.deepEqual(await reads(engine, id), ["q1", "a1", "better q2"]);
    assert.deepEqual(await reads(engine, id, { branch: "main~1" }), ["q1", "a1", "q2", "a2"]);
    assert.deepEqual([thread.messageCount, thread.messagesTotal], [3, 5]);
    assert.equal(thread.lastMessage?.text, "better q2");
    await refuses("message_not_found", () => engine.edit(id, old, { content: "x" }), "message_id");
    await engine.edit(id, old, { content: "on the kept path", branch: "main~1" });
    assert.deepEqual(await reads(engine, id, { branch: "main~1" }), [
      "q1",
      "a1",
      "on the kept path",
    ]);
    assert.deepEqual(await reads(engine, id, { branch: "main~1~1" }), ["q1", "a1", "q2", "a2"]);
  }),

  engineCase(
    "the first message can be edited, and the edit answered in the same commit",
    async (engine) => {
      const id = await talk(engine, "first", "a1");
      const { run, messages } = await engine.edit(id, await idOf(engine, id, "first"), {
        content: "other start",
        run: {},
      });
      assert.deepEqual([messages[0]?.parentId, messages[0]?.depth], [null, 0]);
      assert.equal((await engine.get(id)).activeRunId, run?.id);
      assert.deepEqual(await reads(engine, id), ["other start"]);
      const claimed = await engine.worker.claim("default", id, existing(run).id);
      await finish(engine, claimed);
      assert.deepEqual(await reads(engine, id), ["other start", "answer"]);
      assert.deepEqual(await reads(engine, id, { branch: "main~1" }), ["first", "a1"]);
    },
  ),

  engineCase("an answer is edited too, and stays the answer of its question", async (engine) => {
    const id = await talk(engine, "q", "a");
    const { messages } = await engine.edit(id, await idOf(engine, id, "a"), { content: "better" });
    assert.equal(messages[0]?.role, "assistant");
    assert.equal(messages[0]?.turnId, await idOf(engine, id, "q"));
  }),

  engineCase(
    "a branch goes back to a message, and what it leaves stays readable",
    async (engine) => {
      const id = await talk(engine, "q1", "a1", "q2", "a2");
      const thread = await engine.truncate(id, await idOf(engine, id, "a1"));
      assert.deepEqual([thread.messageCount, thread.messagesTotal], [2, 4]);
      assert.equal(thread.lastMessage?.text, "a1");
      await say(engine, id, "other q2");
      assert.deepEqual(await reads(engine, id), ["q1", "a1", "other q2"]);
      assert.deepEqual(await reads(engine, id, { branch: "main~1" }), ["q1", "a1", "q2", "a2"]);
      await engine.append(id, { branch: "main~1", messages: [user("q3")] });
      assert.deepEqual((await reads(engine, id, { branch: "main~1" })).at(-1), "q3");
      const version = (await engine.get(id)).version;
      assert.equal(
        (await engine.truncate(id, await idOf(engine, id, "other q2"))).version,
        version,
      );
      await refuses("message_not_found", () => engine.truncate(id, "nobody"), "message_id");
    },
  ),

  engineCase("a branch goes back to before everything, and starts anew", async (engine) => {
    const id = await talk(engine, "q1", "a1");
    const empty = await engine.truncate(id, null);
    assert.deepEqual([empty.messageCount, empty.lastMessage], [0, null]);
    assert.deepEqual((await engine.messages(id)).messages, []);
    assert.equal((await engine.truncate(id, null)).version, empty.version);
    const [fresh] = await say(engine, id, "fresh");
    assert.deepEqual([fresh?.parentId, fresh?.depth], [null, 0]);
    assert.deepEqual(await reads(engine, id), ["fresh"]);
    assert.deepEqual(await reads(engine, id, { branch: "main~1" }), ["q1", "a1"]);
  }),

  engineCase("no cut separates a tool's call from its answer", async (engine) => {
    const id = await talk(engine, "q");
    await engine.append(id, {
      messages: [
        { id: "call", role: "assistant", content: [call, { ...call, callId: "c2" }] },
        { id: "half", role: "tool", content: [result] },
        { id: "rest", role: "tool", content: [{ ...result, callId: "c2" }] },
        { id: "end", role: "assistant", content: "done" },
      ],
    });
    for (const messageId of ["call", "half"]) {
      await refuses("tool_group_split", () => engine.truncate(id, messageId), "message_id");
      await refuses("tool_group_split", () => engine.branch(id, { messageId }), "message_id");
      await refuses("tool_group_split", () => engine.fork(id, { messageId }), "message_id");
    }
    for (const messageId of ["half", "rest"])
      await refuses("tool_group_split", () => engine.edit(id, messageId, { content: "x" }));
    await engine.fork(id, { messageId: "rest" });
    await engine.branch(id, { messageId: "rest", name: "b" });
    await engine.edit(id, "call", { content: "no tools" });
    assert.deepEqual(await reads(engine, id), ["q", "no tools"]);
    assert.deepEqual(
      (await engine.branches(id)).map(({ pending }) => pending),
      [[], [], []],
    );
  }),

  engineCase("a question is answered again, and the old answer is kept", async (engine) => {
    const id = await talk(engine, "q1", "a1", "q2", "a2");
    const { run, branch } = await engine.regenerate(id);
    assert.equal(branch, "main");
    assert.deepEqual(await reads(engine, id), ["q1", "a1", "q2"]);
    assert.equal(run?.turnId, await idOf(engine, id, "q2"));
    await finish(engine, await engine.worker.claim("default", id, existing(run).id), "better");
    assert.deepEqual(await reads(engine, id), ["q1", "a1", "q2", "better"]);
    assert.deepEqual(await reads(engine, id, { branch: "main~1" }), ["q1", "a1", "q2", "a2"]);
    const first = await engine.regenerate(id, { messageId: await idOf(engine, id, "a1") });
    assert.deepEqual(await reads(engine, id), ["q1"]);
    assert.equal(first.thread.status, "active");
  }),

  engineCase(
    "a question without an answer is answered, words said together as one",
    async (engine) => {
      const id = await talk(engine);
      const { messages } = await engine.append(id, {
        messages: [user("one"), user("two"), user("three")],
      });
      for (const { id: messageId } of messages) {
        const { run } = await engine.regenerate(id, { messageId });
        assert.deepEqual(await reads(engine, id), ["one", "two", "three"]);
        await engine.cancelRun(id, existing(run).id);
      }
      assert.equal((await engine.branches(id)).length, 1);
      const empty = await talk(engine);
      await refuses("message_not_found", () => engine.regenerate(empty), "message_id");
      await engine.append(empty, { messages: [{ role: "assistant", content: "unasked" }] });
      await refuses("invalid_request", () => engine.regenerate(empty), "message_id");
    },
  ),

  engineCase("a long tool turn is answered again from its question", async (engine) => {
    const id = await talk(engine, "before", "yes", "q");
    for (const n of numbers(70)) {
      const callId = `c${n}`;
      await engine.append(id, {
        messages: [
          { role: "assistant", content: [{ ...call, callId }] },
          { role: "tool", content: [{ ...result, callId }] },
        ],
      });
    }
    await engine.regenerate(id);
    assert.deepEqual(await reads(engine, id), ["before", "yes", "q"]);
  }),

  engineCase("while a run holds a branch, nobody else moves it", async (engine) => {
    const id = await talk(engine, "q1", "a1");
    const run = await startRun(engine, id, "q2");
    const q1 = await idOf(engine, id, "q1");
    const asked: readonly (() => Promise<unknown>)[] = [
      () => engine.edit(id, q1, { content: "x" }),
      () => engine.truncate(id, q1),
      () => engine.regenerate(id),
      () => engine.restoreVersion(id, 3),
      () => engine.branch(id, { name: "x" }),
      () => engine.append(id, { messages: [{ role: "assistant", content: "x" }] }),
    ];
    for (const ask of asked) await refuses("run_active", ask);
    await engine.branch(id, { name: "aside", messageId: q1 });
    const other = await startRun(engine, id, "elsewhere", { branch: "aside" });
    await refuses("run_active", () => engine.renameBranch(id, "aside", "x"));
    await refuses("run_active", () => engine.removeBranch(id, "aside"));
    await finish(engine, other, "there");
    await finish(engine, run, "here");
    assert.deepEqual(await reads(engine, id), ["q1", "a1", "q2", "here"]);
    assert.deepEqual(await reads(engine, id, { branch: "aside" }), ["q1", "elsewhere", "there"]);
    await engine.truncate(id, q1);
  }),

  engineCase(
    "who answers a context that was left goes on beside it, even while main is busy",
    async (engine) => {
      const id = await talk(engine, "q1", "a1");
      const parentId = await idOf(engine, id, "a1");
      await engine.truncate(id, await idOf(engine, id, "q1"));
      const run = await startRun(engine, id, "q2");
      const beside = await engine.append(id, { parentId, messages: [user("but")], run: {} });
      assert.deepEqual(
        beside.messages.map(({ status }) => status),
        ["completed"],
      );
      assert.deepEqual(await reads(engine, id, { branch: beside.branch }), ["q1", "a1", "but"]);
      // A second answer to the same words waits for the run there; it does not push it aside.
      const last = existing(beside.messages[0]).id;
      const queued = await engine.append(id, { parentId: last, messages: [user("also")], run: {} });
      assert.deepEqual([queued.branch, queued.messages[0]?.status], [beside.branch, "queued"]);
      const claimed = await engine.worker.claim("default", id, existing(beside.run).id);
      await finish(engine, claimed, "well");
      assert.deepEqual(await reads(engine, id, { branch: beside.branch }), [
        "q1",
        "a1",
        "but",
        "well",
        "also",
      ]);
      await finish(engine, run);
      assert.deepEqual(await reads(engine, id), ["q1", "q2", "answer"]);
      const { messages } = await engine.messages(id, { branch: beside.branch });
      assert.equal(textOf(existing(messages.at(-1)).parts), "also");
    },
  ),
];
