import assert from "node:assert/strict";
import {
  engineCase,
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

export const HISTORY_CASES: readonly EngineCase[] = [
  engineCase("a thread can be read as it was at every version", async (engine) => {
    const { thread } = await engine.create({ metadata: { n: 0 } });
    const { id } = thread;
    const seen = [{ thread, texts: await reads(engine, id) }];
    const note = async (): Promise<void> => {
      seen.push({ thread: await engine.get(id), texts: await reads(engine, id) });
    };
    const steps = [
      () => say(engine, id, "q1"),
      () => engine.rename(id, "One"),
      () => say(engine, id, "q2"),
      async () => engine.truncate(id, await idOf(engine, id, "q1")),
      () => engine.update(id, { metadata: { n: 1 }, tags: ["t"] }),
      async () => engine.edit(id, await idOf(engine, id, "q1"), { content: "q1b" }),
      () => engine.archive(id),
      () => say(engine, id, "q3"),
      () => engine.truncate(id, null),
    ];
    for (const step of steps) {
      await step();
      await note();
    }
    for (const { thread: then, texts } of seen) {
      assert.deepEqual(await engine.get(id, { at: then.version }), then);
      assert.deepEqual(await reads(engine, id, { at: then.version }), texts);
      assert.equal((await engine.messages(id, { at: then.version })).version, then.version);
    }
    for (const at of [0, 1_000])
      await refuses("version_not_found", () => engine.get(id, { at }), "at");
  }),

  engineCase("there is no version that is not a whole number", async (engine) => {
    const id = await talk(engine, "q1");
    for (const at of [-1, 1.5])
      await refuses("version_not_found", () => engine.get(id, { at }), "at");
  }),

  engineCase(
    "an earlier version shows what was said until then, and what waited",
    async (engine) => {
      const id = await talk(engine, "q1");
      const run = await startRun(engine, id, "q2");
      await engine.worker.progress("default", id, {
        runId: run.id,
        fence: run.fence,
        actions: [
          {
            kind: "message.open",
            id: "open",
            role: "assistant",
            author: { kind: "agent", id: "a" },
          },
        ],
      });
      await engine.append(id, { messages: [user("waiting")] });
      const { version } = await engine.get(id);
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
      assert.deepEqual(await reads(engine, id), ["q1", "q2", "done", "waiting"]);
      const then = await engine.messages(id, { at: version });
      assert.deepEqual(
        then.messages.map(({ status, depth }) => [status, depth]),
        [
          ["completed", 0],
          ["completed", 1],
          ["in_progress", 2],
          ["queued", null],
        ],
      );
      assert.deepEqual(then.messages[2]?.parts, []);
      assert.equal(then.total, 3);
    },
  ),

  engineCase(
    "a restored version brings back heads, title, tags and metadata; nothing is lost",
    async (engine) => {
      const id = await talk(engine, "q1", "a1");
      await engine.update(id, { title: "Then", metadata: { a: 1 }, tags: ["then"] });
      await engine.branch(id, { name: "idea" });
      const { version } = await engine.get(id);
      await say(engine, id, "q2", "a2");
      await engine.append(id, { branch: "idea", messages: [user("idea 2")] });
      await engine.update(id, { title: "Now", metadata: { a: null, b: 2 }, tags: ["now"] });
      const { version: later } = await engine.get(id);
      const restored = await engine.restoreVersion(id, version);
      assert.deepEqual(
        [restored.title, restored.metadata, restored.tags, restored.messageCount],
        ["Then", { a: 1 }, ["then"], 2],
      );
      assert.ok(restored.version > version);
      assert.deepEqual(await reads(engine, id), ["q1", "a1"]);
      assert.deepEqual(await reads(engine, id, { branch: "idea" }), ["q1", "a1"]);
      const kept = await Promise.all(
        (await engine.branches(id)).map(async ({ name }) =>
          (await reads(engine, id, { branch: name })).at(-1),
        ),
      );
      assert.deepEqual(new Set(kept), new Set(["a1", "a2", "idea 2"]));
      assert.equal((await engine.restoreVersion(id, version)).version, restored.version);
      // And what was left can be restored in turn.
      const back = await engine.restoreVersion(id, later);
      assert.deepEqual([back.title, back.metadata, back.tags], ["Now", { b: 2 }, ["now"]]);
      assert.deepEqual(await reads(engine, id), ["q1", "a1", "q2", "a2"]);
    },
  ),

  engineCase(
    "a redacted message is empty at every version, and stays in its place",
    async (engine) => {
      const id = await talk(engine, "q1", "secret", "q2");
      const secret = await idOf(engine, id, "secret");
      await engine.annotate(id, secret, { note: "secret too" });
      const redacted = await engine.redact(id, secret, { reason: "asked for" });
      assert.deepEqual(
        [redacted.parts, redacted.redacted, redacted.metadata],
        [[], true, undefined],
      );
      assert.deepEqual(await reads(engine, id), ["q1", "", "q2"]);
      const { version } = await engine.get(id);
      for (const at of numbers(version)) {
        const page = await engine.messages(id, { at: at + 1 });
        assert.ok(!JSON.stringify(page).includes("secret"));
      }
      assert.ok(!JSON.stringify(await engine.log(id)).includes("secret"));
      assert.equal((await engine.redact(id, secret)).redacted, true);
      assert.equal((await engine.get(id)).version, version);
      await refuses("message_not_found", () => engine.redact(id, "nobody"), "message_id");
      await finish(engine, await startRun(engine, id, "go on"));
      assert.deepEqual((await engine.check()).problems, []);
    },
  ),
];
