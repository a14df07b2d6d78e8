import assert from "node:assert/strict";
import type { Engine } from "../../../src/engine/engine.ts";
import type { RunAction } from "../../../src/model/command.ts";
import type { Message } from "../../../src/model/message.ts";
import type { Run } from "../../../src/model/run.ts";
import {
  engineCase,
  existing,
  finish,
  opening,
  progress,
  refuses,
  startRun,
  talk,
} from "../engine-case.ts";
import type { EngineCase } from "../engine-case.ts";

const wait = { kind: "run.event", event: "require_action" } as const;

/** A run whose model has called tools, and that asks about each of them. */
async function asking(
  engine: Engine,
  kinds: readonly ("approval" | "tool_output" | "input")[],
): Promise<{ readonly id: string; readonly run: Run }> {
  const id = await talk(engine);
  const run = await startRun(engine, id, "q1");
  const calls = kinds.map((_kind, index) => ({
    type: "tool-call" as const,
    callId: `c${index + 1}`,
    name: "pay",
    inputText: "{}",
  }));
  await progress(
    engine,
    run,
    opening("m1"),
    { kind: "message.commit", id: "m1", parts: calls, status: "completed" },
    ...kinds.map((kind, index): RunAction => ({
      kind: "action.request",
      action: { id: `c${index + 1}`, callId: `c${index + 1}`, kind, name: "pay" },
    })),
  );
  return { id, run };
}

async function resultsIn(engine: Engine, id: string): Promise<readonly string[]> {
  const { messages } = await engine.messages(id, { limit: 200 });
  return messages.flatMap(({ parts }: Message) =>
    parts.flatMap((part) =>
      part.type === "tool-result" ? [`${part.callId} ${part.outcome}`] : [],
    ),
  );
}

export const ACTION_CASES: readonly EngineCase[] = [
  engineCase("what a run asks for stands in the inbox until it is decided", async (engine) => {
    const { id, run } = await asking(engine, ["approval", "input"]);
    const { items } = await engine.inbox();
    assert.deepEqual(
      items.map(({ threadId, runId, action }) => [threadId, runId, action.id, action.kind]),
      [
        [id, run.id, "c1", "approval"],
        [id, run.id, "c2", "input"],
      ],
    );
    assert.equal((await engine.inbox({ kind: "input" })).items.length, 1);
    assert.equal((await engine.as({ user: "somebody" }).inbox()).items.length, 0);
    await engine.decide(id, run.id, [{ actionId: "c1", decision: "approve" }]);
    assert.deepEqual(
      (await engine.inbox()).items.map(({ action }) => action.id),
      ["c2"],
    );
    await engine.cancelRun(id, run.id);
    await progress(engine, run, { kind: "run.event", event: "cancel" });
    assert.deepEqual((await engine.inbox()).items, []);
  }),

  engineCase(
    "what an archived thread asks for stands in the inbox behind the others",
    async (engine) => {
      const asked = [await asking(engine, ["input"]), await asking(engine, ["input"])];
      const other = await asking(engine, ["approval"]);
      for (const { id } of asked) await engine.archive(id);
      const seen: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await engine.inbox({ limit: 1, ...(cursor !== undefined && { cursor }) });
        seen.push(...page.items.map(({ threadId }) => threadId));
        cursor = page.nextCursor;
      } while (cursor !== undefined);
      assert.equal(seen[0], other.id);
      assert.deepEqual(seen.slice(1).toSorted(), asked.map(({ id }) => id).toSorted());
      assert.equal((await engine.inbox({ limit: 2 })).items.length, 2);
      assert.equal((await engine.inbox()).items.length, 3);
      await refuses("invalid_cursor", () => engine.inbox({ cursor: "archived:nothing" }));
    },
  ),
  engineCase(
    "a decision that comes before the run waits is kept, and the run does not wait",
    async (engine) => {
      const { id, run } = await asking(engine, ["approval"]);
      await engine.decide(id, run.id, [{ actionId: "c1", decision: "approve", input: { sum: 3 } }]);
      const after = await progress(engine, run, wait);
      assert.equal(after.status, "queued");
      assert.equal(after.segment, 1);
      const [action] = existing(after.actions);
      assert.deepEqual(action?.decision, { type: "approve", input: { sum: 3 } });
      const again = await engine.worker.claim("default", id, run.id);
      assert.equal(again.status, "running");
    },
  ),

  engineCase("the same decision again changes nothing; another one is refused", async (engine) => {
    const { id, run } = await asking(engine, ["approval"]);
    await progress(engine, run, wait);
    const approve = [{ actionId: "c1", decision: "approve", input: { a: 1, b: 2 } }] as const;
    await engine.decide(id, run.id, approve);
    const { version } = await engine.get(id);
    const turned = [{ actionId: "c1", decision: "approve", input: { b: 2, a: 1 } }] as const;
    await engine.decide(id, run.id, turned);
    assert.equal((await engine.get(id)).version, version);
    const deny = [{ actionId: "c1", decision: "deny" }] as const;
    await refuses("action_decided", () => engine.decide(id, run.id, deny));
    await refuses("action_not_found", () =>
      engine.decide(id, run.id, [{ actionId: "c9", decision: "approve" }]),
    );
    await refuses("run_not_found", () => engine.decide(id, "run_nobody", approve));
    await refuses("thread_not_found", () =>
      engine.as({ user: "somebody" }).decide(id, run.id, approve),
    );
    assert.equal((await engine.get(id)).version, version);
    const claimed = await engine.worker.claim("default", id, run.id);
    await progress(engine, claimed, { kind: "run.event", event: "cancel" });
    assert.equal((await engine.decide(id, run.id, approve)).status, "cancelled");
    await refuses("run_ended", () => engine.decide(id, run.id, deny));
  }),

  engineCase("of several decisions all count, or none", async (engine) => {
    const { id, run } = await asking(engine, ["approval", "tool_output"]);
    await progress(engine, run, wait);
    const { version } = await engine.get(id);
    await refuses("action_not_found", () =>
      engine.decide(id, run.id, [
        { actionId: "c1", decision: "approve" },
        { actionId: "c7", decision: "approve" },
      ]),
    );
    await refuses("invalid_request", () =>
      engine.decide(id, run.id, [{ actionId: "c2", decision: "approve" }]),
    );
    assert.equal((await engine.get(id)).version, version);
  }),

  engineCase("a caller's tool output and a refusal stand in the thread at once", async (engine) => {
    const { id, run } = await asking(engine, ["tool_output", "approval", "tool_output"]);
    await progress(engine, run, wait);
    const output = { actionId: "c1", decision: "output", output: { ok: true } } as const;
    const first = await engine.decide(id, run.id, [output]);
    // Nothing to do yet: two more are waited for.
    assert.equal(first.status, "requires_action");
    assert.deepEqual(await resultsIn(engine, id), ["c1 ok"]);
    await engine.decide(id, run.id, [
      { actionId: "c2", decision: "deny", reason: "too much" },
      { actionId: "c3", decision: "output", output: "gone", isError: true },
    ]);
    assert.deepEqual(await resultsIn(engine, id), ["c1 ok", "c2 denied", "c3 error"]);
    assert.equal((await engine.run(id, run.id)).status, "queued");
    await engine.decide(id, run.id, [output]);
    assert.deepEqual(await resultsIn(engine, id), ["c1 ok", "c2 denied", "c3 error"]);
  }),

  engineCase("an event waits for the run, and is delivered once by its key", async (engine) => {
    const id = await talk(engine);
    const run = await startRun(engine, id, "q1");
    const event = { name: "paid", payload: { sum: 3 }, dedupKey: "k" };
    await engine.sendEvent(id, run.id, event);
    const { version } = await engine.get(id);
    const again = await engine.sendEvent(id, run.id, { ...event, payload: { sum: 4 } });
    assert.equal((await engine.get(id)).version, version);
    const [signal] = existing(again.signals);
    const [entry] = await engine.log(id, { after: existing(signal).version - 1, limit: 1 });
    assert.equal(entry?.op, "run.signal");
    assert.deepEqual("payload" in entry.data && entry.data.payload, { sum: 3 });
    const waiting = { id: "e", kind: "event", name: "paid" } as const;
    const resumed = await progress(engine, run, { kind: "action.request", action: waiting }, wait);
    assert.equal(resumed.status, "queued");
    const claimed = await engine.worker.claim("default", id, run.id);
    const signalId = existing(signal).id;
    const taken = await progress(
      engine,
      claimed,
      { kind: "signal.take", signalId },
      { kind: "action.done", actionId: "e" },
    );
    assert.deepEqual(taken.signals, []);
    await refuses("limit_exceeded", () =>
      engine.sendEvent(id, run.id, { name: "big", payload: "x".repeat(40_000) }),
    );
    await progress(engine, claimed, { kind: "run.event", event: "cancel" });
    await refuses("run_ended", () => engine.sendEvent(id, run.id, { name: "late" }));
  }),

  engineCase("an event that is not waited for does not wake a run", async (engine) => {
    const id = await talk(engine);
    const run = await startRun(engine, id, "q1");
    const waiting = { id: "e", kind: "event", name: "paid" } as const;
    await progress(engine, run, { kind: "action.request", action: waiting }, wait);
    assert.equal((await engine.sendEvent(id, run.id, { name: "other" })).status, "requires_action");
    assert.equal((await engine.sendEvent(id, run.id, { name: "paid" })).status, "queued");
    assert.deepEqual((await engine.inbox()).items, []);
  }),

  engineCase("shared state is merged, and compared when asked", async (engine) => {
    const id = await talk(engine);
    assert.deepEqual(await engine.state(id), { value: {}, version: 0 });
    const first = await engine.patchState(id, { seats: 2, plan: { day: 1 } }, { expectedState: 0 });
    await refuses("version_conflict", () =>
      engine.patchState(id, { seats: 3 }, { expectedState: 0 }),
    );
    const second = await engine.patchState(
      id,
      { seats: null, plan: { night: 2 } },
      { expectedState: first.version },
    );
    assert.deepEqual(second.value, { plan: { day: 1, night: 2 } });
    await refuses("limit_exceeded", () => engine.patchState(id, { all: "x".repeat(300_000) }));
    assert.deepEqual(await engine.state(id), second);
  }),

  engineCase("a run says what it does in its custom status", async (engine) => {
    const id = await talk(engine);
    const run = await startRun(engine, id, "q1");
    const customStatus = { phase: "reading", done: 3 };
    await progress(engine, run, { kind: "run.status", customStatus });
    assert.deepEqual((await engine.run(id, run.id)).customStatus, customStatus);
    await finish(engine, run);
    assert.deepEqual((await engine.run(id, run.id)).customStatus, customStatus);
    assert.deepEqual((await engine.check()).problems, []);
  }),
];
