import assert from "node:assert/strict";
import type { Engine, ThreadExport } from "../../../src/engine/engine.ts";
import type { Message } from "../../../src/model/message.ts";
import type { Part } from "../../../src/model/part.ts";
import { engineCase, refuses, say, talk } from "../engine-case.ts";
import type { EngineCase } from "../engine-case.ts";

const FULL = { mode: "full" } as const;

/** What left as text and came back as text. */
function posted(exported: ThreadExport): unknown {
  return JSON.parse(JSON.stringify(exported));
}

/** What a thread says, without where it is kept. */
async function saidIn(engine: Engine, threadId: string): Promise<unknown> {
  const { title, tags, metadata, agentId, usage, cost } = await engine.get(threadId);
  const branches: Record<string, readonly unknown[]> = {};
  for (const { name } of await engine.branches(threadId)) {
    const { messages } = await engine.messages(threadId, { branch: name, limit: 200 });
    branches[name] = messages.map(bare);
  }
  const { value } = await engine.state(threadId);
  return { title, tags, metadata, agentId, usage, cost, branches, value };
}

function bare({
  id,
  role,
  parts,
  parentId,
  turnId,
  createdAt,
  status,
  metadata,
}: Message): unknown {
  return { id, role, parts, parentId, turnId, createdAt, status, metadata };
}

const CALL: Part = {
  type: "tool-call",
  callId: "call_1",
  name: "weather",
  inputText: '{"some_city":"Oslo"}',
  input: { some_city: "Oslo" },
  providerMetadata: { openai: { itemId: "fc_1" } },
};
const RESULT: Part = {
  type: "tool-result",
  callId: "call_1",
  name: "weather",
  outcome: "ok",
  output: { type: "json", value: { some_key: [1, null, { camelKey: true }] } },
};

/** A thread with a tool group, a cut and an edited branch, a tag, metadata and state. */
async function rich(engine: Engine): Promise<string> {
  const { thread } = await engine.create({
    title: "Weather",
    tags: ["north"],
    metadata: { project_id: { innerKey: 1 } },
    messages: [{ role: "system", content: "Answer in one sentence." }],
  });
  await engine.append(thread.id, {
    messages: [
      { role: "user", content: "Is it cold in Oslo?" },
      {
        role: "assistant",
        author: "assistant",
        content: [CALL],
        usage: { inputTokens: 12, outputTokens: 3 },
        cost: { nanoDollars: 42, unpricedCalls: 0 },
      },
      { role: "tool", content: [RESULT] },
      { role: "assistant", author: "assistant", content: "Yes." },
    ],
  });
  const [question] = await say(engine, thread.id, "And in Rome?", "No.");
  await engine.edit(thread.id, question?.id ?? "", { content: "And in Bergen?" });
  await say(engine, thread.id, "And there?", "Also.");
  await engine.branch(thread.id, { name: "empty", messageId: null });
  await engine.patchState(thread.id, { seats_left: 2 });
  return thread.id;
}

async function countsOf(engine: Engine, id: string): Promise<readonly number[]> {
  const { messageCount, messagesTotal, version } = await engine.get(id);
  return [messageCount, messagesTotal, version];
}

export const PORTABLE_CASES: readonly EngineCase[] = [
  engineCase("a reference to a thread is small, and finds it", async (engine) => {
    const id = await talk(engine, "Hello", "Hi");
    const reference = await engine.serialize(id);
    assert.ok(JSON.stringify(reference).length < 300);
    assert.deepEqual(Object.keys(reference).toSorted(), [
      "store_id",
      "thread_id",
      "thread_version",
      "type",
      "version",
    ]);
    const { thread, isNew } = await engine.resume(reference);
    assert.deepEqual([thread.id, isNew], [id, false]);
  }),
  {
    name: "a reference to another store, or to what this one has not seen, finds nothing",
    run: async ({ openEngine }) => {
      const [here, there] = [await openEngine(), await openEngine()];
      const id = await talk(here, "Hello");
      const reference = await here.serialize(id);
      await refuses("thread_not_found", () => there.resume(reference));
      const later = { ...reference, thread_version: reference.thread_version + 1 };
      await refuses("version_not_found", () => here.resume(later));
      await refuses("thread_not_found", () => here.resume(reference, { userId: "stranger" }));
    },
  },
  {
    name: "an export becomes the same thread in another store",
    run: async ({ openEngine }) => {
      const [here, there] = [await openEngine(), await openEngine()];
      const id = await rich(here);
      const { thread, isNew } = await there.resume(posted(await here.serialize(id, FULL)));
      assert.deepEqual([thread.id, isNew], [id, true]);
      assert.deepEqual(await saidIn(there, id), await saidIn(here, id));
      assert.equal(thread.createdAt, (await here.get(id)).createdAt);
      assert.deepEqual((await there.check()).problems, []);
    },
  },
  {
    name: "what was brought is exported as it was, and goes on like any other thread",
    run: async ({ openEngine }) => {
      const [here, there] = [await openEngine(), await openEngine()];
      const id = await rich(here);
      const first = await here.serialize(id, FULL);
      await there.resume(posted(first));
      const second = await there.serialize(id, FULL);
      assert.deepEqual(second.messages, first.messages);
      assert.deepEqual(second.branches, first.branches);
      await say(there, id, "And in Paris?", "No.");
      assert.equal((await there.get(id)).messageCount, (await here.get(id)).messageCount + 2);
      assert.deepEqual((await there.check()).problems, []);
    },
  },
  {
    name: "resuming an export twice writes nothing",
    run: async ({ openEngine }) => {
      const [here, there] = [await openEngine(), await openEngine()];
      const id = await rich(here);
      const exported = posted(await here.serialize(id, FULL));
      await there.resume(exported);
      const before = await countsOf(there, id);
      assert.equal((await there.resume(exported)).isNew, false);
      assert.deepEqual(await countsOf(there, id), before);
      const home = await countsOf(here, id);
      assert.equal((await here.resume(exported)).isNew, false);
      assert.deepEqual(await countsOf(here, id), home);
    },
  },
  {
    name: "a thread that went on since is answered as it is",
    run: async ({ openEngine }) => {
      const [here, there] = [await openEngine(), await openEngine()];
      const id = await talk(here, "One", "Two");
      const exported = posted(await here.serialize(id, FULL));
      await there.resume(exported);
      await say(there, id, "Three", "Four");
      const { thread } = await there.resume(exported);
      assert.equal(thread.messageCount, 4);
    },
  },
  {
    name: "a thread that comes home brings what was said and edited elsewhere",
    run: async ({ openEngine }) => {
      const [here, there] = [await openEngine(), await openEngine()];
      const id = await rich(here);
      await there.resume(posted(await here.serialize(id, FULL)));
      const messages = await say(there, id, "And in Paris?", "No.");
      await there.edit(id, messages[0]?.id ?? "", { content: "And in Lyon?" });
      await here.resume(posted(await there.serialize(id, FULL)));
      assert.deepEqual(await saidIn(here, id), await saidIn(there, id));
    },
  },
  {
    name: "what was added to the end of a branch elsewhere is added here, once",
    run: async ({ openEngine }) => {
      const [here, there] = [await openEngine(), await openEngine()];
      const id = await rich(here);
      await there.resume(posted(await here.serialize(id, FULL)));
      await say(there, id, "And in Paris?", "No.");
      const [main] = await there.branches(id);
      await there.branch(id, { name: "other", messageId: main?.messageId ?? null });
      await there.append(id, { branch: "other", messages: [{ content: "Sure?" }] });
      const back = posted(await there.serialize(id, FULL));
      await here.resume(back);
      assert.deepEqual(await saidIn(here, id), await saidIn(there, id));
      const before = await countsOf(here, id);
      await here.resume(back);
      assert.deepEqual(await countsOf(here, id), before);
      assert.deepEqual((await here.check()).problems, []);
    },
  },
  {
    name: "threads that went on differently in two places stay as they are",
    run: async ({ openEngine }) => {
      const [here, there] = [await openEngine(), await openEngine()];
      const id = await talk(here, "One", "Two");
      await there.resume(posted(await here.serialize(id, FULL)));
      await say(here, id, "Here", "Yes");
      await say(there, id, "There", "No");
      const before = await countsOf(here, id);
      const back = posted(await there.serialize(id, FULL));
      await refuses("id_conflict", () => here.resume(back));
      assert.deepEqual(await countsOf(here, id), before);
    },
  },
  {
    name: "another thread of the same id is not touched",
    run: async ({ openEngine }) => {
      const [here, there] = [await openEngine(), await openEngine()];
      await here.create({ id: "same", messages: [{ content: "One" }] });
      await there.create({ id: "same", messages: [{ content: "Another" }] });
      const before = await countsOf(there, "same");
      const exported = posted(await here.serialize("same", FULL));
      await refuses("id_conflict", () => there.resume(exported));
      assert.deepEqual(await countsOf(there, "same"), before);
    },
  },
  {
    name: "who resumes a thread owns it, and its members are left behind",
    run: async ({ openEngine }) => {
      const [here, there] = [await openEngine(), await openEngine()];
      const { thread } = await here.create(
        { messages: [{ content: "Mine" }], members: { bob: "editor" } },
        { userId: "alice" },
      );
      const exported = posted(await here.serialize(thread.id, { ...FULL, userId: "bob" }));
      const { thread: brought } = await there.resume(exported, { userId: "carol" });
      assert.deepEqual([brought.owner, brought.members], ["carol", {}]);
      const { messages } = await there.messages(thread.id, {}, { userId: "carol" });
      // Carol speaks for herself only.
      assert.deepEqual(messages[0]?.author?.id, "imported:alice");
      await refuses("thread_not_found", () => there.resume(exported, { userId: "alice" }));
    },
  },
  {
    name: "a fork is exported whole, and so is its sibling",
    run: async ({ openEngine }) => {
      const [here, there] = [await openEngine(), await openEngine()];
      const id = await rich(here);
      const forks = [await here.fork(id), await here.fork(id)];
      for (const { id: fork } of forks) {
        await say(here, fork, "And in Nice?", "No.");
        await there.resume(posted(await here.serialize(fork, FULL)));
        const { branches: brought } = (await saidIn(there, fork)) as { branches: unknown };
        const { branches: own } = (await saidIn(here, fork)) as { branches: unknown };
        assert.deepEqual(brought, own);
      }
      assert.deepEqual((await there.check()).problems, []);
      await refuses("thread_not_found", () => there.get(id));
    },
  },
  {
    name: "a trimmed thread is exported with what is left",
    run: async ({ openEngine }) => {
      const [here, there] = [await openEngine(), await openEngine()];
      const id = await rich(here);
      await here.trim(id, { keepLast: 2 });
      const { thread } = await there.resume(posted(await here.serialize(id, FULL)));
      const [left, brought] = [await here.messages(id), await there.messages(id)];
      assert.deepEqual(
        brought.messages.map(({ id: it }) => it),
        left.messages.map(({ id: it }) => it),
      );
      assert.equal(thread.trimmed, undefined);
      assert.deepEqual((await there.check()).problems, []);
    },
  },
  {
    name: "what was erased stays erased on its way",
    run: async ({ openEngine }) => {
      const [here, there] = [await openEngine(), await openEngine()];
      const id = await rich(here);
      const { messages } = await here.messages(id);
      const call = messages.find(({ parts }) => parts[0]?.type === "tool-call");
      const secret = messages.at(-2);
      for (const message of [call, secret]) await here.redact(id, message?.id ?? "");
      const exported = await here.serialize(id, FULL);
      assert.ok(!JSON.stringify(exported).includes("some_city"));
      await there.resume(posted(exported));
      const after = await there.messages(id);
      const erased = after.messages.filter(({ redacted }) => redacted === true);
      assert.deepEqual(
        erased.map((it) => [it.id, it.parts.length]),
        [
          [call?.id, 0],
          [secret?.id, 0],
        ],
      );
      await say(there, id, "Go on");
      assert.deepEqual((await there.check()).problems, []);
    },
  },
  {
    name: "files travel with the thread, or are named and asked for",
    run: async ({ openEngine }) => {
      const [here, there] = [await openEngine(), await openEngine()];
      const bytes = new TextEncoder().encode("small");
      const { sha256, sizeBytes } = await here.putBlob(bytes, "text/plain");
      const source = { kind: "blob", sha256, sizeBytes } as const;
      const { thread } = await here.create({
        messages: [{ content: [{ type: "file", mediaType: "text/plain", source }] }],
      });
      const named = posted(await here.serialize(thread.id, { ...FULL, inlineBytes: 4 }));
      await refuses("blob_not_found", () => there.resume(named));
      await refuses("thread_not_found", () => there.get(thread.id));
      await there.resume(posted(await here.serialize(thread.id, FULL)));
      assert.deepEqual(Buffer.from((await there.getBlob(sha256)).bytes), Buffer.from(bytes));
      assert.equal((await there.resume(named)).isNew, false);
    },
  },
  {
    name: "an export that was damaged or changed is refused whole",
    run: async ({ openEngine }) => {
      const [here, there] = [await openEngine(), await openEngine()];
      const id = await rich(here);
      const text = JSON.stringify(await here.serialize(id, FULL));
      for (const damaged of [
        text.replace("And in Bergen?", "And in Berlin?"),
        text.replace('"title":"Weather"', '"title":"Other"'),
        text.replace(/"sha256":"[0-9a-f]/, '"sha256":"x'),
      ]) {
        assert.notEqual(damaged, text);
        await refuses("invalid_request", () => there.resume(JSON.parse(damaged)));
      }
      await refuses("thread_not_found", () => there.get(id));
      for (const other of [
        null,
        [],
        "text",
        {},
        { type: "skein.export" },
        { type: "skein.thread" },
      ])
        await refuses("invalid_request", () => there.resume(other));
    },
  },
];
