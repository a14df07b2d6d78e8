import assert from "node:assert/strict";
import type { Engine } from "../../../src/engine/engine.ts";
import type { Action } from "../../../src/model/action.ts";
import type { RunAction } from "../../../src/model/command.ts";
import type { Run } from "../../../src/model/run.ts";
import { engineCase, opening, progress, refuses, startRun, talk } from "../engine-case.ts";
import type { EngineCase } from "../engine-case.ts";

const SECRET = "xyzzysecret";

const wait = { kind: "run.event", event: "require_action" } as const;

function request(id: string, kind: Action["kind"] = "approval"): RunAction {
  const data = { arguments: { to: SECRET } };
  const about = { callId: "c1", callMessageId: "m1", prompt: `Pay ${SECRET}?`, data };
  return { kind: "action.request", action: { id, kind, name: "pay", ...about } };
}

/** A run whose model has called a tool, and that asks about the call. */
async function asking(
  engine: Engine,
  kind: Action["kind"] = "approval",
): Promise<{ readonly id: string; readonly run: Run }> {
  const id = await talk(engine);
  const run = await startRun(engine, id, "q1");
  const call = {
    type: "tool-call" as const,
    callId: "c1",
    name: "pay",
    inputText: `{"to":"${SECRET}"}`,
    input: { to: SECRET },
  };
  await progress(
    engine,
    run,
    opening("m1"),
    { kind: "message.commit", id: "m1", parts: [call], status: "completed" },
    request("a1", kind),
  );
  return { id, run };
}

async function toldAbout(engine: Engine, id: string, runId: string): Promise<string> {
  return JSON.stringify([
    await engine.run(id, runId),
    await engine.inbox(),
    await engine.log(id),
    await engine.messages(id, { limit: 200 }),
  ]);
}

async function provesForgotten(engine: Engine, id: string, runId: string): Promise<void> {
  assert.doesNotMatch(await toldAbout(engine, id, runId), new RegExp(SECRET, "u"));
  assert.deepEqual((await engine.check()).problems, []);
}

/** What runs ask about a call, and what they are told, goes with the message that has the call. */
export const ACTION_REDACTION_CASES: readonly EngineCase[] = [
  engineCase(
    "a redaction reaches what a run asks, and whatever is asked and told afterwards",
    async (engine) => {
      const { id, run } = await asking(engine);
      assert.match(await toldAbout(engine, id, run.id), new RegExp(SECRET, "u"));
      await engine.redact(id, "m1");
      await provesForgotten(engine, id, run.id);
      const { items } = await engine.inbox();
      assert.deepEqual(
        items.map(({ action }) => [action.id, action.kind, action.status]),
        [["a1", "approval", "waiting"]],
      );
      const approve = [{ actionId: "a1", decision: "approve", input: { to: SECRET } }] as const;
      await engine.decide(id, run.id, approve);
      await provesForgotten(engine, id, run.id);
      const { version } = await engine.get(id);
      await engine.decide(id, run.id, approve);
      assert.equal((await engine.get(id)).version, version);
      await refuses("action_decided", () =>
        engine.decide(id, run.id, [{ actionId: "a1", decision: "deny" }]),
      );
      await progress(engine, run, request("a2"));
      assert.equal((await engine.inbox()).items.length, 1);
      await provesForgotten(engine, id, run.id);
    },
  ),

  engineCase("a redaction reaches arguments that a person chose", async (engine) => {
    const { id, run } = await asking(engine);
    await progress(engine, run, wait);
    await engine.decide(id, run.id, [
      { actionId: "a1", decision: "approve", input: { to: SECRET } },
    ]);
    await engine.redact(id, "m1");
    await provesForgotten(engine, id, run.id);
    const [action] = (await engine.run(id, run.id)).actions ?? [];
    assert.deepEqual([action?.id, action?.status], ["a1", "decided"]);
  }),

  engineCase("a redaction reaches what a person answered to a tool", async (engine) => {
    const { id, run } = await asking(engine, "input");
    await progress(engine, run, wait);
    await engine.decide(id, run.id, [{ actionId: "a1", decision: "output", output: SECRET }]);
    await engine.redact(id, "m1");
    await provesForgotten(engine, id, run.id);
  }),

  engineCase(
    "a run that has ended does not say what it asked and was told; a redaction reaches its log",
    async (engine) => {
      const { id, run } = await asking(engine);
      const approve = [{ actionId: "a1", decision: "approve", input: { to: SECRET } }] as const;
      await engine.decide(id, run.id, approve);
      await progress(
        engine,
        run,
        { kind: "action.done", actionId: "a1" },
        { kind: "run.event", event: "fail", error: { code: "failed", message: "It failed." } },
      );
      const ended = await engine.run(id, run.id);
      assert.doesNotMatch(JSON.stringify(ended), new RegExp(SECRET, "u"));
      assert.deepEqual(
        ended.actions?.map((action) => [action.id, action.status]),
        [["a1", "done"]],
      );
      assert.equal((await engine.decide(id, run.id, approve)).status, "failed");
      await refuses("run_ended", () =>
        engine.decide(id, run.id, [{ actionId: "a1", decision: "deny" }]),
      );
      await engine.redact(id, "m1");
      await provesForgotten(engine, id, run.id);
    },
  ),
];
