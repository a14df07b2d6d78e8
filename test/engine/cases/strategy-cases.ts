import assert from "node:assert/strict";
import {
  engineCase,
  existing,
  finish,
  opening,
  progress,
  reads,
  refuses,
  startRun,
  talk,
  user,
} from "../engine-case.ts";
import type { EngineCase } from "../engine-case.ts";
import { text } from "../../../src/model/part.ts";

const half = (id: string) =>
  [
    {
      kind: "message.commit",
      id,
      parts: [text("half")],
      status: "incomplete",
      reason: "cancelled",
    },
    { kind: "run.event", event: "cancel" },
  ] as const;

export const STRATEGY_CASES: readonly EngineCase[] = [
  engineCase("`interrupt` keeps what was written and answers next", async (engine) => {
    const id = await talk(engine);
    const run = await startRun(engine, id, "q1");
    await progress(engine, run, opening("m1"));
    const next = await engine.append(id, {
      messages: [user("q2")],
      run: { strategy: "interrupt" },
    });
    assert.equal((await engine.run(id, run.id)).status, "cancelling");
    await progress(engine, run, ...half("m1"));
    assert.deepEqual(await reads(engine, id), ["q1", "half", "q2"]);
    assert.equal(await engine.hasActiveRun(id), true);
    await finish(engine, await engine.worker.claim("default", id, existing(next.run).id));
    assert.equal(await engine.hasActiveRun(id), false);
    assert.deepEqual((await engine.check()).problems, []);
  }),

  engineCase(
    "`interrupt` answers for those that waited, with their words in order",
    async (engine) => {
      const id = await talk(engine);
      const run = await startRun(engine, id, "q1");
      const waiting = await engine.append(id, { messages: [user("q2")], run: {} });
      const next = await engine.append(id, {
        messages: [user("q3")],
        run: { strategy: "interrupt" },
      });
      const superseded = await engine.run(id, existing(waiting.run).id);
      assert.equal(superseded.status, "cancelled");
      assert.equal(superseded.error?.code, "run_superseded");
      await progress(engine, run, { kind: "run.event", event: "cancel" });
      assert.deepEqual(await reads(engine, id), ["q1", "q2", "q3"]);
      const { runs } = await engine.detail(id);
      assert.deepEqual(
        runs.map((each) => each.id),
        [existing(next.run).id],
      );
    },
  ),

  engineCase(
    "`interrupt` of a run that waits ends it at once and closes its calls",
    async (engine) => {
      const id = await talk(engine);
      const run = await startRun(engine, id, "q1");
      const call = { type: "tool-call", callId: "c1", name: "pay", inputText: "{}" } as const;
      await progress(
        engine,
        run,
        opening("m1"),
        { kind: "message.commit", id: "m1", parts: [call], status: "completed" },
        {
          kind: "action.request",
          action: { id: "c1", callId: "c1", kind: "approval", name: "pay" },
        },
        { kind: "run.event", event: "require_action" },
      );
      await engine.append(id, { messages: [user("never mind")], run: { strategy: "interrupt" } });
      assert.equal((await engine.run(id, run.id)).status, "cancelled");
      assert.deepEqual(existing((await engine.branches(id))[0]).pending, []);
      assert.deepEqual((await reads(engine, id)).at(-1), "never mind");
      const approve = [{ actionId: "c1", decision: "approve" }] as const;
      await refuses("run_ended", () => engine.decide(id, run.id, approve));
      assert.deepEqual((await engine.check()).problems, []);
    },
  ),

  engineCase(
    "`rollback` takes the branch back to before the run, and keeps what it left",
    async (engine) => {
      const id = await talk(engine);
      await finish(engine, await startRun(engine, id, "q1"));
      const before = await reads(engine, id);
      const run = await startRun(engine, id, "q2");
      await progress(engine, run, opening("m2"));
      const next = await engine.append(id, {
        messages: [user("q3")],
        run: { strategy: "rollback" },
      });
      assert.deepEqual(await reads(engine, id).then((all) => all.slice(0, 3)), [...before, "q2"]);
      await progress(engine, run, ...half("m2"));
      assert.deepEqual(await reads(engine, id), [...before, "q3"]);
      const left = existing((await engine.branches(id)).find(({ name }) => name !== "main"));
      assert.deepEqual(await reads(engine, id, { branch: left.name }), [...before, "q2", "half"]);
      await finish(engine, await engine.worker.claim("default", id, existing(next.run).id));
      assert.deepEqual((await engine.check()).problems, []);
    },
  ),

  engineCase(
    "`rollback` of a run that nobody has begun is done in the same commit",
    async (engine) => {
      const id = await talk(engine);
      await engine.append(id, { messages: [user("q1")], run: {} });
      await engine.append(id, { messages: [user("q2")], run: { strategy: "rollback" } });
      assert.deepEqual(await reads(engine, id), ["q2"]);
      assert.deepEqual((await engine.check()).problems, []);
    },
  ),

  engineCase("a branch without a run is not interrupted, only answered", async (engine) => {
    const id = await talk(engine);
    const { run } = await engine.append(id, {
      messages: [user("q1")],
      run: { strategy: "interrupt" },
    });
    assert.equal(existing(run).status, "queued");
    assert.deepEqual(await reads(engine, id), ["q1"]);
  }),
];
