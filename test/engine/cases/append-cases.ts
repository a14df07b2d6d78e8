import assert from "node:assert/strict";
import { textOf } from "../../../src/model/part.ts";
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

const call = { type: "tool-call", callId: "c1", name: "look", inputText: "{}" } as const;
const result = {
  type: "tool-result",
  callId: "c1",
  name: "look",
  outcome: "ok",
  output: { type: "text", text: "seen\0" },
} as const;

export const APPEND_CASES: readonly EngineCase[] = [
  engineCase(
    "what is appended is read back as it was said, with its author and its place",
    async (engine) => {
      const id = await talk(engine, "one");
      const { messages, branch, thread, run } = await engine.append(id, {
        messages: [
          {
            id: "m2",
            role: "assistant",
            content: [
              { type: "text", text: "two" },
              { type: "reasoning", text: "why" },
            ],
            model: "demo",
            metadata: { a: [1, null, "x"] },
            usage: { inputTokens: 3, outputTokens: 4 },
            cost: { nanoDollars: 5, unpricedCalls: 0 },
            composedAt: 12,
          },
        ],
      });
      const [stored] = messages;
      assert.deepEqual(await engine.message(id, "m2"), stored);
      assert.deepEqual((await engine.messages(id)).messages.at(-1), stored);
      assert.deepEqual(
        [branch, run, thread.messageCount, stored?.depth],
        ["main", undefined, 2, 1],
      );
      assert.equal(stored?.parentId, await idOf(engine, id, "one"));
      assert.deepEqual(stored?.metadata, { a: [1, null, "x"] });
      assert.deepEqual(thread.usage, { inputTokens: 3, outputTokens: 4 });
      const [first] = (await engine.messages(id)).messages;
      assert.deepEqual(first?.author, { kind: "user", id: "local" });
    },
  ),

  engineCase("several messages of one append are one commit, in order", async (engine) => {
    const id = await talk(engine);
    const { messages } = await engine.append(id, {
      messages: numbers(20).map((n) => user(`w${n}`)),
    });
    assert.deepEqual(messages.map(({ version }) => version).slice(0, 2), [2, 4]);
    const entries = await engine.log(id, { after: 1 });
    assert.equal(entries.length, 21);
    assert.equal(new Set(entries.map(({ opId }) => opId)).size, 1);
    assert.deepEqual(
      await reads(engine, id),
      numbers(20).map((n) => `w${n}`),
    );
  }),

  engineCase(
    "a write that expects another version is refused, and writes nothing",
    async (engine) => {
      const id = await talk(engine, "one");
      const { version } = await engine.get(id);
      const write = (expectedVersion: number): Promise<unknown> =>
        engine.append(id, { messages: [user("two")] }, { expectedVersion });
      await refuses("version_conflict", () => write(version - 1), "expected_version");
      await refuses("version_conflict", () => write(version + 1));
      await refuses("invalid_request", () => write(1.5), "expected_version");
      await refuses("version_conflict", () => engine.rename(id, "x", { expectedVersion: 1 }));
      await refuses("version_conflict", () => engine.delete(id, { expectedVersion: 1 }));
      await refuses("version_conflict", () => engine.archive(id, { expectedVersion: 1 }));
      await refuses("version_conflict", () => engine.truncate(id, null, { expectedVersion: 1 }));
      assert.equal((await engine.get(id)).version, version);
      await write(version);
      assert.deepEqual(await reads(engine, id), ["one", "two"]);
      try {
        await write(version);
        assert.fail("the second write is refused");
      } catch (error) {
        assert.deepEqual((error as { details?: unknown }).details, {
          actual: version + 1,
          expected: version,
        });
      }
    },
  ),

  engineCase(
    "a write that expects a head is refused only if somebody spoke since",
    async (engine) => {
      const id = await talk(engine);
      const say1 = (expectedHead: string | null, content: string): Promise<unknown> =>
        engine.append(id, { messages: [user(content)] }, { expectedHead });
      await say1(null, "one");
      const one = await idOf(engine, id, "one");
      await engine.rename(id, "does not matter");
      await refuses("version_conflict", () => say1(null, "x"), "expected_head");
      await say1(one, "two");
      await refuses("version_conflict", () => say1(one, "x"), "expected_head");
      assert.deepEqual(await reads(engine, id), ["one", "two"]);
    },
  ),

  engineCase(
    "a repeated command under the same key is answered like the first, and written once",
    async (engine) => {
      const id = await talk(engine);
      const input = { messages: [user("once")], run: {} };
      const first = await engine.append(id, input, { opId: "k1" });
      await say(engine, id, "meanwhile");
      const [again, third] = await Promise.all([
        engine.append(id, input, { opId: "k1" }),
        engine.append(id, input, { opId: "k1" }),
      ]);
      assert.deepEqual(again.messages, first.messages);
      assert.deepEqual(again.run, first.run);
      assert.deepEqual(third.messages, first.messages);
      assert.deepEqual(await reads(engine, id), ["once", "meanwhile"]);
      assert.equal((await engine.runs(id)).items.length, 1);
    },
  ),

  engineCase("two equal commands at the same moment under one key are one", async (engine) => {
    const id = await talk(engine);
    const results = await Promise.all(
      numbers(20).map(() => engine.append(id, { messages: [user("once")] }, { opId: "k" })),
    );
    assert.equal(new Set(results.map(({ messages }) => messages[0]?.id)).size, 1);
    assert.deepEqual(await reads(engine, id), ["once"]);
  }),

  engineCase("a key that was used for another command is refused", async (engine) => {
    const id = await talk(engine);
    const other = await talk(engine);
    await engine.append(id, { messages: [user("a")] }, { opId: "k" });
    const asked = [
      () => engine.append(id, { messages: [user("b")] }, { opId: "k" }),
      () => engine.append(other, { messages: [user("a")] }, { opId: "k" }),
      () => engine.rename(id, "a", { opId: "k" }),
    ];
    for (const ask of asked) await refuses("op_conflict", ask, "idempotency_key");
    // A key belongs to its user.
    await engine.setMember(id, "bob", "editor");
    await engine.append(id, { messages: [user("b")] }, { opId: "k", userId: "bob" });
    assert.deepEqual(await reads(engine, id), ["a", "b"]);
    assert.deepEqual(await reads(engine, other), []);
  }),

  engineCase("every kind of write can be repeated under its key", async (engine) => {
    const created = await engine.create({ title: "t" }, { opId: "create" });
    assert.deepEqual(
      (await engine.create({ title: "t" }, { opId: "create" })).thread,
      created.thread,
    );
    const { id } = created.thread;
    await say(engine, id, "q", "a");
    const forked = await engine.fork(id, {}, { opId: "fork" });
    assert.equal((await engine.fork(id, {}, { opId: "fork" })).id, forked.id);
    const branch = await engine.branch(id, {}, { opId: "branch" });
    assert.deepEqual(await engine.branch(id, {}, { opId: "branch" }), branch);
    const question = await idOf(engine, id, "q");
    const edited = await engine.edit(id, question, { content: "e" }, { opId: "edit" });
    assert.deepEqual(
      (await engine.edit(id, question, { content: "e" }, { opId: "edit" })).messages,
      edited.messages,
    );
    await engine.rename(id, "n", { opId: "name" });
    await engine.rename(id, "n", { opId: "name" });
    const again = await engine.regenerate(id, {}, { opId: "again" });
    assert.deepEqual((await engine.regenerate(id, {}, { opId: "again" })).run, again.run);
    await engine.delete(forked.id, { opId: "delete" });
    await engine.delete(forked.id, { opId: "delete" });
    const { version } = await engine.get(id);
    await engine.truncate(id, null, { opId: "cut" }).catch(() => undefined);
    assert.equal((await engine.get(id)).version, version);
    assert.equal((await engine.list()).items.length, 1);
  }),

  engineCase("the same message id with the same words is one message", async (engine) => {
    const id = await talk(engine);
    const first = await engine.append(id, { messages: [user("hello", "m1")], run: {} });
    const again = await engine.append(id, { messages: [user("hello", "m1")], run: {} });
    assert.deepEqual(again.messages, first.messages);
    assert.deepEqual([again.run, again.branch], [first.run, "main"]);
    assert.equal((await engine.runs(id)).items.length, 1);
    const [a, b] = await Promise.all([
      engine.append(id, { messages: [user("twin", "m2")] }),
      engine.append(id, { messages: [user("twin", "m2")] }),
    ]);
    assert.equal(a.messages[0]?.id, b.messages[0]?.id);
    assert.deepEqual(await reads(engine, id), ["hello", "twin"]);
  }),

  engineCase(
    "the same message id with other words, or in another thread, is refused",
    async (engine) => {
      const id = await talk(engine);
      const other = await talk(engine);
      await engine.append(id, { messages: [user("hello", "m1")] });
      const asked = [
        () => engine.append(id, { messages: [user("other", "m1")] }),
        () => engine.append(id, { messages: [{ ...user("hello", "m1"), role: "assistant" }] }),
        () => engine.append(other, { messages: [user("hello", "m1")] }),
        () => engine.create({ messages: [user("hello", "m1")] }),
        () => engine.append(other, { messages: [user("x", "m9"), user("x", "m9")] }),
      ];
      for (const ask of asked) await refuses("id_conflict", ask, "id");
      assert.deepEqual(await reads(engine, other), []);
      assert.equal((await engine.list()).items.length, 2);
    },
  ),

  engineCase(
    "words that answer an older message join the conversation at its end",
    async (engine) => {
      const id = await talk(engine, "q1", "a1");
      const parentId = await idOf(engine, id, "q1");
      const { branch } = await engine.append(id, { parentId, messages: [user("late")] });
      assert.equal(branch, "main");
      assert.deepEqual(await reads(engine, id), ["q1", "a1", "late"]);
    },
  ),

  engineCase("an answer to an older context stands on a branch of its own", async (engine) => {
    const id = await talk(engine, "q1", "a1", "q2");
    const parentId = await idOf(engine, id, "q1");
    const answer = { role: "assistant", content: "other a1" } as const;
    const first = await engine.append(id, { parentId, messages: [answer, user("q1b")] });
    assert.equal(first.branch, "main~1");
    assert.deepEqual(await reads(engine, id), ["q1", "a1", "q2"]);
    assert.deepEqual(await reads(engine, id, { branch: "main~1" }), ["q1", "other a1", "q1b"]);
    // What follows it goes on there.
    const next = await engine.append(id, {
      parentId: existing(first.messages.at(-1)).id,
      messages: [{ role: "assistant", content: "a1b" }],
    });
    assert.equal(next.branch, "main~1");
    const branches = await engine.branches(id);
    assert.deepEqual(
      branches.map(({ name, reason }) => [name, reason]),
      [
        ["main", "main"],
        ["main~1", "diverged"],
      ],
    );
  }),

  engineCase("words that answer a path that was left stand beside it", async (engine) => {
    const id = await talk(engine, "q1", "a1");
    const parentId = await idOf(engine, id, "a1");
    await engine.truncate(id, await idOf(engine, id, "q1"));
    const { branch } = await engine.append(id, { parentId, messages: [user("but you said")] });
    assert.deepEqual(await reads(engine, id), ["q1"]);
    assert.deepEqual(await reads(engine, id, { branch }), ["q1", "a1", "but you said"]);
  }),

  engineCase("an unknown parent or branch is refused", async (engine) => {
    const id = await talk(engine, "q");
    const to = (input: object): Promise<unknown> =>
      engine.append(id, { messages: [user("x")], ...input });
    await refuses("message_not_found", () => to({ parentId: "nobody" }), "parent_id");
    await refuses("branch_not_found", () => to({ branch: "nowhere" }), "branch");
    await refuses("branch_not_found", () => to({ branch: "constructor", parentId: "x" }), "branch");
    await refuses("invalid_request", () => engine.append(id, { messages: [] }), "messages");
    await refuses("invalid_request", () => engine.append(id, { messages: [{ content: [] }] }));
    await refuses("invalid_text", () => engine.append(id, { messages: [user("a\0b")] }));
    await refuses("invalid_text", () => engine.append(id, { messages: [user("\ud800")] }));
    await refuses("invalid_id", () => engine.append(id, { messages: [user("x", "a b")] }), "id");
    const many = numbers(1_001).map(() => user("x"));
    await refuses("limit_exceeded", () => engine.append(id, { messages: many }), "messages");
    assert.equal((await engine.get(id)).messagesTotal, 1);
  }),

  engineCase(
    "a tool's answer needs an open call, and an open call is closed by what a person says",
    async (engine) => {
      const id = await talk(engine, "q");
      const append = (
        ...messages: Parameters<typeof engine.append>[1]["messages"]
      ): Promise<unknown> => engine.append(id, { messages });
      await refuses(
        "unknown_tool_call",
        () => append({ role: "tool", content: [result] }),
        "parts",
      );
      await append({ role: "assistant", content: [call] });
      await refuses("tool_calls_open", () => append({ role: "assistant", content: "and" }));
      await append({ role: "tool", content: [result] }, { role: "assistant", content: "done" });
      await refuses("unknown_tool_call", () => append({ role: "tool", content: [result] }));
      await append({ role: "assistant", content: [{ ...call, callId: "c2" }] });
      const said = await engine.append(id, { messages: [user("never mind")] });
      assert.deepEqual(
        said.messages.map(({ parts }) => textOf(parts)),
        ["never mind"],
      );
      const { messages } = await engine.messages(id);
      assert.deepEqual(
        messages.map(({ role }) => role),
        ["user", "assistant", "tool", "assistant", "assistant", "tool", "user"],
      );
      const [closing] = existing(messages.at(-2)).parts;
      assert.equal(closing?.type === "tool-result" && closing.outcome, "cancelled");
      assert.deepEqual(existing((await engine.branches(id))[0]).pending, []);
      const stored = existing(messages[2]).parts[0];
      assert.deepEqual(stored, result);
    },
  ),

  engineCase("only an agent calls tools, and a call may come with its answer", async (engine) => {
    const id = await talk(engine, "q");
    const append = (
      role: "user" | "assistant" | "system" | "tool",
      ...content: object[]
    ): Promise<unknown> => engine.append(id, { messages: [{ role, content: content as [] }] });
    await refuses("invalid_request", () => append("user", call), "parts");
    await refuses("invalid_request", () => append("system", result), "parts");
    await refuses("invalid_request", () => append("tool", { type: "text", text: "x" }), "parts");
    await refuses("invalid_request", () => append("assistant", call, call), "parts");
    await append("assistant", call, result);
    await append(
      "assistant",
      { ...call, callId: "p", executor: "provider" },
      { ...result, callId: "p" },
    );
    assert.deepEqual(existing((await engine.branches(id))[0]).pending, []);
  }),

  engineCase(
    "a late answer of a tool follows its call, even when the conversation went on",
    async (engine) => {
      const id = await talk(engine, "q");
      const { messages } = await engine.append(id, {
        messages: [{ role: "assistant", content: [call] }],
      });
      await say(engine, id, "never mind");
      const parentId = existing(messages[0]).id;
      const late = await engine.append(id, {
        parentId,
        messages: [{ role: "tool", content: [result] }],
      });
      assert.notEqual(late.branch, "main");
      const path = await engine.messages(id, { branch: late.branch });
      assert.deepEqual(
        path.messages.map(({ role }) => role),
        ["user", "assistant", "tool"],
      );
      const branch = (await engine.branches(id)).find(({ name }) => name === late.branch);
      assert.deepEqual(branch?.pending, []);
    },
  ),
];
