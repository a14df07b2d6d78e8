import assert from "node:assert/strict";
import type { RunAction } from "../../../src/model/command.ts";
import { text } from "../../../src/model/part.ts";
import type { Run, Step } from "../../../src/model/run.ts";
import {
  engineCase,
  existing,
  finish,
  numbers,
  opening,
  progress,
  reads,
  refuses,
  startRun,
  talk,
  user,
} from "../engine-case.ts";
import type { EngineCase } from "../engine-case.ts";

const end = { kind: "run.event", event: "complete" } as const;

export const WORKER_CASES: readonly EngineCase[] = [
  engineCase("a worker that lost its run writes nothing any more", async (engine) => {
    const id = await talk(engine);
    const run = await startRun(engine, id, "q1");
    await progress(engine, run, opening("m1"));
    const taken = await engine.worker.claim("default", id, run.id);
    assert.equal(taken.fence, run.fence + 1);
    const { version } = await engine.get(id);
    const commit = {
      kind: "message.commit",
      id: "m1",
      parts: [text("a")],
      status: "completed",
    } as const;
    await refuses("lease_lost", () => progress(engine, run, commit));
    await refuses("lease_lost", () => progress(engine, run, end));
    assert.equal((await engine.get(id)).version, version);
    await progress(engine, taken, commit, end);
    assert.deepEqual(await reads(engine, id), ["q1", "a"]);
  }),

  engineCase("a run writes one message at a time, and leaves none open", async (engine) => {
    const id = await talk(engine);
    const run = await startRun(engine, id, "q1");
    await progress(engine, run, opening("m1"));
    const { version } = await engine.get(id);
    const refused: readonly RunAction[] = [
      opening("m2"),
      end,
      { kind: "run.event", event: "require_action" },
      { kind: "message.append", message: { id: "m3", role: "assistant", parts: [text("x")] } },
    ];
    for (const action of refused)
      await refuses("invalid_transition", () => progress(engine, run, action));
    const nobody = { kind: "message.commit", id: "m9", parts: [], status: "completed" } as const;
    await refuses("message_not_found", () => progress(engine, run, nobody));
    // One action that is refused takes the whole report with it.
    const step = { kind: "step.start", step: existing(newStep(run)) } as const;
    await refuses("invalid_transition", () => progress(engine, run, step, end));
    assert.equal((await engine.get(id)).version, version);
    assert.deepEqual(await engine.steps(id, run.id), []);
  }),

  engineCase("tool calls of a run are answered in it, or closed at its end", async (engine) => {
    const id = await talk(engine);
    const run = await startRun(engine, id, "q1");
    const call = { type: "tool-call", name: "look", inputText: "{}" } as const;
    const calls = ["c1", "c2"].map((callId) => ({ ...call, callId }));
    await progress(engine, run, opening("m1"));
    await progress(engine, run, {
      kind: "message.commit",
      id: "m1",
      parts: calls,
      status: "completed",
    });
    await refuses("tool_calls_open", () => progress(engine, run, opening("m2")));
    const output = { type: "text", text: "seen" } as const;
    const answer = {
      type: "tool-result",
      callId: "c1",
      name: "look",
      outcome: "ok",
      output,
    } as const;
    await progress(engine, run, {
      kind: "message.append",
      message: { id: "r1", role: "tool", parts: [answer] },
    });
    await progress(engine, run, {
      kind: "run.event",
      event: "fail",
      error: { code: "tool_error", message: "no" },
    });
    const { messages } = await engine.messages(id);
    assert.deepEqual(
      messages.map(({ role }) => role),
      ["user", "assistant", "tool", "tool"],
    );
    assert.deepEqual(existing((await engine.branches(id))[0]).pending, []);
    assert.deepEqual((await engine.run(id, run.id)).error, { code: "tool_error", message: "no" });
    assert.equal(new Set(messages.map(({ turnId }) => turnId)).size, 1);
  }),

  engineCase("a run that waits for a person shows it, and can be cancelled", async (engine) => {
    const id = await talk(engine);
    const run = await startRun(engine, id, "q1");
    await progress(
      engine,
      run,
      { kind: "action.request", action: { id: "call", kind: "approval", name: "pay" } },
      { kind: "run.event", event: "require_action" },
    );
    assert.equal((await engine.get(id)).status, "requires_action");
    assert.equal((await engine.list({ status: "requires_action" })).items.length, 1);
    await refuses("lease_lost", () => progress(engine, run, end));
    assert.equal((await engine.cancelRun(id, run.id)).status, "cancelled");
    assert.equal((await engine.get(id)).status, "idle");
  }),

  engineCase("steps of a run are listed as they were begun and ended", async (engine) => {
    const id = await talk(engine);
    const run = await startRun(engine, id, "q1");
    const step = newStep(run);
    await progress(engine, run, { kind: "step.start", step });
    const ended = {
      ...step,
      status: "completed",
      endedAt: 2,
      usage: { inputTokens: 1, outputTokens: 2 },
    } as const;
    await progress(engine, run, { kind: "step.end", step: ended });
    await progress(engine, run, {
      kind: "step.start",
      step: { ...step, key: "model:2", id: "s2" },
    });
    const steps = await engine.steps(id, run.id);
    assert.deepEqual(steps, [ended, { ...step, key: "model:2", id: "s2" }]);
    await refuses("run_not_found", () => engine.steps(id, "run_nobody"));
  }),

  engineCase(
    "runs are listed newest first, page by page, and unended ones for recovery",
    async (engine) => {
      const id = await talk(engine);
      for (const n of numbers(5)) await finish(engine, await startRun(engine, id, `q${n}`));
      const active = await startRun(engine, id, "q");
      const first = await engine.runs(id, { limit: 4 });
      assert.deepEqual(
        first.items.map(({ status }) => status),
        ["running", "completed", "completed", "completed"],
      );
      const next = await engine.runs(id, { limit: 4, cursor: existing(first.nextCursor) });
      assert.equal(next.items.length, 2);
      assert.equal(next.nextCursor, undefined);
      assert.equal(new Set([...first.items, ...next.items].map((run) => run.id)).size, 6);
      const other = await talk(engine);
      await refuses(
        "invalid_cursor",
        () => engine.runs(other, { cursor: existing(first.nextCursor) }),
        "cursor",
      );
      const runnable = await engine.worker.listRunnable();
      assert.deepEqual(
        runnable.map(({ key, run }) => [key.tenant, key.id, run.id]),
        [["default", id, active.id]],
      );
      assert.deepEqual((await engine.detail(id)).runs, [await engine.run(id, active.id)]);
    },
  ),

  engineCase(
    "who waits for work hears of every run that starts, ends or is cancelled",
    async (engine) => {
      const heard: string[] = [];
      const stop = engine.onRunChange(({ runs, ended }) => {
        heard.push([...runs.map(({ status }) => status), ...ended.map(() => "ended")].join(" "));
      });
      const id = await talk(engine, "hello");
      const run = await startRun(engine, id, "q1");
      await engine.append(id, { messages: [user("q2")], run: {} });
      await engine.rename(id, "not about runs");
      await engine.cancelRun(id, run.id);
      await finish(engine, run);
      stop();
      await startRun(engine, await talk(engine));
      assert.deepEqual(heard, [
        "queued",
        "running",
        "running queued",
        "cancelling queued",
        "queued ended",
      ]);
    },
  ),

  engineCase(
    "chunks are told live, listed, and gone once the message is committed",
    async (engine) => {
      const id = await talk(engine);
      const run = await startRun(engine, id, "q1");
      await progress(engine, run, opening("m1"));
      const heard: string[] = [];
      const stop = engine.worker.onChunks((tenant, threadId, chunks) => {
        for (const { text: said } of chunks) heard.push(`${tenant} ${threadId === id} ${said}`);
      });
      const chunk = { runId: run.id, messageId: "m1", attempt: 1, part: 0, kind: "text" } as const;
      const chunks = [
        { ...chunk, offset: 0, text: "he" },
        { ...chunk, offset: 2, text: "llo" },
      ];
      await engine.worker.appendChunks("default", id, chunks);
      stop();
      assert.deepEqual(heard, ["default true he", "default true llo"]);
      assert.deepEqual(await engine.worker.listChunks("default", id, "m1"), chunks);
      await progress(
        engine,
        run,
        { kind: "message.commit", id: "m1", parts: [text("hello")], status: "completed" },
        end,
      );
      assert.deepEqual(await engine.worker.listChunks("default", id, "m1"), []);
    },
  ),
];

function newStep({ id: runId, fence }: Run): Step {
  return {
    runId,
    key: "model:1",
    id: "s1",
    kind: "model",
    name: "demo",
    agentId: "assistant",
    attempt: 1,
    fence,
    status: "running",
    startedAt: 1,
  };
}
