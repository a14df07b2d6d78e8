import assert from "node:assert/strict";
import { text } from "../../../src/model/part.ts";
import type { Run } from "../../../src/model/run.ts";
import {
  engineCase,
  existing,
  finish,
  numbers,
  opening,
  progress,
  reads,
  refuses,
  say,
  startRun,
  talk,
  user,
} from "../engine-case.ts";
import type { EngineCase } from "../engine-case.ts";

const end = { kind: "run.event", event: "complete" } as const;

export const RUN_CASES: readonly EngineCase[] = [
  engineCase("a run is asked for with a message, claimed, and answered", async (engine) => {
    const id = await talk(engine);
    const { run: asked, thread } = await engine.append(id, {
      messages: [user("q")],
      run: { agentId: "helper", model: "demo", instructions: "Be brief.", metadata: { a: 1 } },
    });
    assert.deepEqual([thread.status, thread.activeRunId], ["active", asked?.id]);
    assert.deepEqual([asked?.status, asked?.agentId], ["queued", "helper"]);
    const run = await engine.worker.claim("default", id, existing(asked).id);
    assert.deepEqual([run.status, run.fence, run.owner], ["running", 1, engine.store.instance]);
    await finish(engine, run, "a");
    const ended = await engine.run(id, run.id);
    assert.deepEqual(
      [ended.status, ended.usage, ended.cost, ended.lastMessageId],
      [
        "completed",
        { inputTokens: 10, outputTokens: 5 },
        { nanoDollars: 7, unpricedCalls: 0 },
        `${run.id}.answer`,
      ],
    );
    assert.deepEqual(await reads(engine, id), ["q", "a"]);
    const idle = await engine.get(id);
    assert.deepEqual([idle.status, idle.activeRunId], ["idle", null]);
    await refuses("run_ended", () => engine.worker.claim("default", id, run.id));
    await refuses("run_not_found", () => engine.run(id, "run_nobody"), "run_id");
    assert.deepEqual(await engine.findRun(run.id), ended);
    await refuses("run_not_found", () => engine.findRun("run_nobody"), "run_id");
    await refuses("run_not_found", () => engine.findRun(run.id, { userId: "stranger" }), "run_id");
    await refuses("run_not_found", () => engine.cancelRun(id, "run_nobody"), "run_id");
  }),

  engineCase(
    "what is said while a run holds the branch waits, and takes its place at the end",
    async (engine) => {
      const id = await talk(engine);
      const run = await startRun(engine, id, "q1");
      const { messages, run: none } = await engine.append(id, {
        messages: [user("w1"), user("w2")],
      });
      assert.deepEqual(
        messages.map(({ status, depth }) => [status, depth]),
        [
          ["queued", null],
          ["queued", null],
        ],
      );
      assert.equal(none, undefined);
      await progress(engine, run, opening("m1"));
      await say(engine, id, "w3");
      assert.deepEqual(await reads(engine, id), ["q1", "", "w1", "w2", "w3"]);
      await progress(
        engine,
        run,
        { kind: "message.commit", id: "m1", parts: [text("a1")], status: "completed" },
        end,
      );
      const page = await engine.messages(id);
      assert.deepEqual(await reads(engine, id), ["q1", "a1", "w1", "w2", "w3"]);
      assert.ok(page.messages.every(({ status }) => status === "completed"));
      assert.deepEqual(
        page.messages.map(({ depth }) => depth),
        [0, 1, 2, 3, 4],
      );
      assert.equal((await engine.get(id)).lastMessage?.text, "w3");
    },
  ),

  engineCase(
    "runs that wait take the branch one after another, each with its words",
    async (engine) => {
      const id = await talk(engine);
      const first = await startRun(engine, id, "q1");
      const asked: Run[] = [];
      for (const n of [2, 3, 4]) {
        await engine.append(id, { messages: [user(`before ${n}`)] });
        const { run } = await engine.append(id, { messages: [user(`q${n}`)], run: {} });
        asked.push(existing(run));
      }
      await say(engine, id, "last");
      assert.deepEqual(
        asked.map(({ inputIds }) => inputIds.length),
        [1, 1, 1],
      );
      await refuses("invalid_transition", () =>
        engine.worker.claim("default", id, existing(asked[1]).id),
      );
      await finish(engine, first, "a1");
      for (const [index, { id: runId }] of asked.entries()) {
        const run = await engine.worker.claim("default", id, runId);
        assert.equal((await engine.get(id)).activeRunId, runId);
        const path = (await engine.messages(id)).messages.filter(
          ({ status }) => status === "completed",
        );
        assert.equal(run.turnId, path.at(-1)?.id);
        await finish(engine, run, `a${index + 2}`);
      }
      const expected = [
        "q1",
        "a1",
        "before 2",
        "q2",
        "a2",
        "before 3",
        "q3",
        "a3",
        "before 4",
        "q4",
        "a4",
        "last",
      ];
      assert.deepEqual(await reads(engine, id), expected);
      assert.equal((await engine.get(id)).status, "idle");
    },
  ),

  engineCase("a run that is asked for without words answers those that wait", async (engine) => {
    const id = await talk(engine);
    const first = await startRun(engine, id, "q1");
    await engine.append(id, { messages: [user("q2")] });
    const { run } = await engine.append(id, { messages: [], run: {} });
    await finish(engine, first, "a1");
    await finish(engine, await engine.worker.claim("default", id, existing(run).id), "a2");
    assert.deepEqual(await reads(engine, id), ["q1", "a1", "q2", "a2"]);
  }),

  engineCase(
    "a run with `reject` is refused while another is active, and its words with it",
    async (engine) => {
      const id = await talk(engine);
      const run = await startRun(engine, id, "q1");
      const ask = (): Promise<unknown> =>
        engine.append(id, { messages: [user("now")], run: { strategy: "reject" } });
      await refuses("run_active", ask);
      assert.deepEqual(await reads(engine, id), ["q1"]);
      await finish(engine, run);
      await ask();
      await refuses("invalid_request", () =>
        engine.append(id, { messages: [], run: { strategy: "never" as "reject" } }),
      );
    },
  ),

  engineCase("cancelling a run that waits ends it at once, and keeps its words", async (engine) => {
    const id = await talk(engine);
    const first = await startRun(engine, id, "q1");
    const { run } = await engine.append(id, { messages: [user("q2")], run: {} });
    const { run: third } = await engine.append(id, { messages: [user("q3")], run: {} });
    const cancelled = await engine.cancelRun(id, existing(run).id);
    assert.equal(cancelled.status, "cancelled");
    assert.deepEqual(await engine.cancelRun(id, existing(run).id), cancelled);
    await finish(engine, first, "a1");
    assert.deepEqual(await reads(engine, id), ["q1", "a1", "q2", "q3"]);
    await finish(engine, await engine.worker.claim("default", id, existing(third).id), "a3");
    assert.deepEqual(await reads(engine, id), ["q1", "a1", "q2", "q3", "a3"]);
  }),

  engineCase(
    "cancelling a run that works asks it to stop, and what it wrote is kept",
    async (engine) => {
      const id = await talk(engine);
      const run = await startRun(engine, id, "q1");
      await progress(engine, run, opening("m1"));
      assert.equal((await engine.cancelRun(id, run.id)).status, "cancelling");
      assert.equal((await engine.cancelRun(id, run.id)).status, "cancelling");
      assert.equal((await engine.get(id)).status, "active");
      const partial = {
        kind: "message.commit",
        id: "m1",
        parts: [text("half an")],
        status: "incomplete",
        reason: "cancelled",
      } as const;
      // Whatever the worker reports, the stop was asked for first.
      const ended = await progress(engine, run, partial, end);
      assert.equal(ended.status, "cancelled");
      const [, answer] = (await engine.messages(id)).messages;
      assert.deepEqual(
        [answer?.status, answer?.reason, answer?.parts],
        ["incomplete", "cancelled", [text("half an")]],
      );
      assert.equal((await engine.get(id)).status, "idle");
      assert.deepEqual(await engine.cancelRun(id, run.id), await engine.run(id, run.id));
    },
  ),

  engineCase(
    "cancelling the run that holds a branch and was not claimed lets the next one in",
    async (engine) => {
      const id = await talk(engine);
      const { run } = await engine.append(id, { messages: [user("q1")], run: {} });
      const { run: next } = await engine.append(id, { messages: [user("q2")], run: {} });
      assert.equal((await engine.cancelRun(id, existing(run).id)).status, "cancelled");
      assert.equal((await engine.get(id)).activeRunId, next?.id);
      assert.deepEqual(await reads(engine, id), ["q1", "q2"]);
    },
  ),

  engineCase(
    "words that wait can be taken back, and a run that only waited with them ends",
    async (engine) => {
      const id = await talk(engine);
      const first = await startRun(engine, id, "q1");
      const { messages } = await engine.append(id, { messages: [user("a"), user("b")], run: {} });
      const { messages: alone } = await engine.append(id, { messages: [user("c")] });
      const [a, b, c] = [...messages, ...alone].map((message) => message.id);
      assert.equal((await engine.discard(id, existing(a))).status, "active");
      assert.equal((await engine.runs(id)).items.length, 2);
      await engine.discard(id, existing(c));
      await engine.discard(id, existing(b));
      assert.deepEqual(
        (await engine.runs(id)).items.map(({ status }) => status),
        ["cancelled", "running"],
      );
      await refuses("message_not_found", () => engine.discard(id, existing(b)), "message_id");
      await refuses("message_not_found", () => engine.message(id, existing(b)), "message_id");
      await finish(engine, first);
      assert.deepEqual(await reads(engine, id), ["q1", "answer"]);
    },
  ),

  engineCase("a thread has a bounded number of runs and messages that wait", async (engine) => {
    const id = await talk(engine);
    await startRun(engine, id, "q");
    for (const n of numbers(99)) await engine.append(id, { messages: [user(`w${n}`)], run: {} });
    await refuses("limit_exceeded", () => engine.append(id, { messages: [user("x")], run: {} }));
    const many = (count: number): Promise<unknown> =>
      engine.append(id, { messages: numbers(count).map((n) => user(`${n}`)) });
    await many(901);
    await refuses("limit_exceeded", () => many(1));
  }),
];
