import assert from "node:assert/strict";
import type { CallOptions, Engine } from "../../../src/engine/engine.ts";
import type { ThreadEdge } from "../../../src/engine/relations/relation-calls.ts";
import {
  engineCase,
  existing,
  finish,
  numbers,
  refuses,
  startRun,
  talk,
  user,
} from "../engine-case.ts";
import type { EngineCase } from "../engine-case.ts";

const ALICE: CallOptions = { userId: "alice" };
const BOB: CallOptions = { userId: "bob" };

export const MADE_THREAD_CASES: readonly EngineCase[] = [
  engineCase("a summary stands in a thread of its own, and both know it", async (engine) => {
    const { thread } = await engine.create(
      { id: "talk", title: "Plans", members: { bob: "viewer" }, metadata: { keep: 1 } },
      ALICE,
    );
    const once = { ...ALICE, opId: "once", expectedVersion: thread.version };
    const summary = await engine.createSummaryThread("talk", "We decided to wait.", once);
    assert.deepEqual(
      [summary.title, summary.kind, summary.owner, summary.members, summary.metadata],
      ["Summary: Plans", "summary", "alice", { bob: "viewer" }, { originThreadID: "talk" }],
    );
    const { messages } = await engine.messages(summary.id, {}, ALICE);
    assert.deepEqual(
      messages.map(({ role, parts }) => [role, parts]),
      [["assistant", [{ type: "text", text: "We decided to wait." }]]],
    );
    const { summarized_at: at, ...metadata } = (await engine.get("talk")).metadata;
    assert.deepEqual(metadata, {
      keep: 1,
      summary: "We decided to wait.",
      summaryThreads: [summary.id],
    });
    assert.ok(typeof at === "string");
    assert.match(at, /^\d{4}-\d\d-\d\dT.*Z$/u);
    const again = await engine.createSummaryThread("talk", "We decided to wait.", once);
    assert.deepEqual(again.id, summary.id);
    await refuses("version_conflict", () =>
      engine.createSummaryThread("talk", "Other.", { expectedVersion: thread.version }),
    );
    await refuses("forbidden", () => engine.createSummaryThread("talk", "Mine.", BOB));
    await refuses("invalid_request", () => engine.createSummaryThread("talk", "  "), "summary");
    assert.deepEqual(edgesOf((await engine.related("talk")).edges), [`talk summary ${summary.id}`]);
    const untitled = await talk(engine, "first question", "answer");
    await engine.rename(untitled, null);
    const other = await engine.createSummaryThread(untitled, "s".repeat(20_000));
    assert.equal(other.title, "Summary: Conversation");
    assert.equal((await engine.get(untitled)).metadata["summary"], "s".repeat(4_000));
  }),

  engineCase("a thread goes on in another one, and is archived", async (engine) => {
    await engine.create(
      { id: "old", title: "Plans", tags: ["x"], metadata: { keep: 1 }, messages: [user("q1")] },
      ALICE,
    );
    const next = await engine.continueThread("old", { summary: "So far.", id: "new" }, ALICE);
    assert.deepEqual(
      [next.id, next.kind, next.title, next.owner, next.tags, next.metadata],
      ["new", "continuation", "Plans", "alice", ["x"], { keep: 1, previous_thread: "old" }],
    );
    const { messages } = await engine.messages("new", {}, ALICE);
    assert.deepEqual(
      messages.map(({ role, parts }) => [role, parts]),
      [["system", [{ type: "text", text: "So far." }]]],
    );
    assert.notEqual((await engine.get("old")).archivedAt, null);
    assert.deepEqual(edgesOf((await engine.related("new")).edges), ["old continuation new"]);
    await refuses("thread_continued", () => engine.continueThread("old", {}, ALICE));
    await engine.delete("new", { ...ALICE, purge: true });
    const anew = await engine.continueThread("old", { title: "Anew" }, ALICE);
    assert.deepEqual([anew.title, anew.messageCount], ["Anew", 0]);
  }),

  engineCase("a thread is not continued while a run has not ended", async (engine) => {
    const id = await talk(engine, "q1", "a1");
    const run = await startRun(engine, id);
    await refuses("run_active", () => engine.continueThread(id));
    await finish(engine, run);
    const titled = await engine.get(id);
    const next = await engine.continueThread(id);
    // An automatic title is made of what a message says, and the message is not here.
    assert.deepEqual([titled.title, next.title], ["q1", null]);
  }),

  engineCase(
    "a sub-agent's thread and the parent's link come together, and not too deep",
    async (engine) => {
      await make(engine, "main");
      let above = "main";
      for (const depth of numbers(5)) {
        const { id } = await engine.spawnSubAgentThread(above, `Task ${depth}`);
        const edge = { from: above, to: id, kind: "sub-agent" };
        assert.deepEqual((await engine.related(id, { depth: 1 })).edges, [edge]);
        above = id;
      }
      await refuses("limit_exceeded", () => engine.spawnSubAgentThread(above, "Too deep"));
      const parent = existing((await engine.getRelatedThreads(above)).parent);
      const made = { kind: "sub-agent", threadId: above };
      await refuses("invalid_request", () => engine.unlink(parent.id, made));
      const back = { kind: "sub-agent-of", threadId: parent.id };
      await refuses("invalid_request", () => engine.unlink(above, back));
      assert.deepEqual((await engine.getRelatedThreads(parent.id)).children.length, 1);
    },
  ),

  engineCase("what stands next to a thread is told by what it is", async (engine) => {
    const id = await talk(engine, "q1", "a1");
    const summary = await engine.createSummaryThread(id, "Short.");
    const task = await engine.spawnSubAgentThread(id, "Look it up");
    const fork = await engine.fork(id);
    const next = await engine.continueThread(id);
    const around = await engine.getRelatedThreads(id);
    assert.equal(around.thread.id, id);
    assert.equal(around.parent, null);
    assert.deepEqual(
      around.summaries.map((thread) => thread.id),
      [summary.id],
    );
    assert.deepEqual(
      around.children.map((thread) => thread.id).toSorted(),
      [task.id, fork.id, next.id].toSorted(),
    );
    for (const child of [summary, task, fork, next]) {
      const { parent, children } = await engine.getRelatedThreads(child.id);
      assert.deepEqual([parent?.id, children], [id, []]);
    }
    await engine.delete(summary.id);
    assert.deepEqual((await engine.getRelatedThreads(id)).summaries, []);
  }),
];

async function make(engine: Engine, ...ids: readonly string[]): Promise<void> {
  for (const id of ids) await engine.create({ id });
}

function edgesOf(edges: readonly ThreadEdge[]): readonly string[] {
  return edges.map(({ from, kind, to }) => `${from} ${kind} ${to}`);
}
