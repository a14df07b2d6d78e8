import { expect, test } from "vitest";
import type { RunAction } from "../../src/model/command.ts";
import { startServer } from "./server.ts";
import type { TestServer } from "./server.ts";

const opened: RunAction = {
  kind: "message.open",
  id: "m1",
  role: "assistant",
  author: { kind: "agent", id: "assistant" },
};

/** A thread whose run has called tools and asks about each of them. */
async function asking(
  server: TestServer,
  kinds: readonly ("approval" | "tool_output")[],
): Promise<{ readonly thread: string; readonly run: string; readonly path: string }> {
  const { skein } = server;
  const { thread, run } = await skein.create({ messages: [{ content: "Pay it." }], run: {} });
  const runId = run?.id ?? "";
  const claimed = await skein.worker.claim("default", thread.id, runId);
  const calls = kinds.map((_kind, index) => ({
    type: "tool-call" as const,
    callId: `c${index + 1}`,
    name: "pay",
    inputText: '{"sum":3}',
  }));
  await skein.worker.progress("default", thread.id, {
    runId,
    fence: claimed.fence,
    actions: [
      opened,
      { kind: "message.commit", id: "m1", parts: calls, status: "completed" },
      ...kinds.map((kind, index): RunAction => ({
        kind: "action.request",
        action: {
          id: `c${index + 1}`,
          callId: `c${index + 1}`,
          kind,
          name: "pay",
          prompt: "Pay 3?",
          data: { input: { someSum: 3 } },
        },
      })),
      { kind: "run.event", event: "require_action" },
    ],
  });
  return { thread: thread.id, run: runId, path: `/threads/${thread.id}/runs/${runId}` };
}

test("the inbox lists what waits for a person, and a decision takes it away", async () => {
  await using server = await startServer({ worker: false });
  const { thread, run, path } = await asking(server, ["approval"]);
  const { body: inbox } = await server.get("/inbox");
  expect(inbox).toMatchObject([
    {
      thread_id: thread,
      run_id: run,
      agent_id: "my-agent",
      action: {
        id: "c1",
        kind: "approval",
        name: "pay",
        prompt: "Pay 3?",
        // The caller's own JSON keeps its spelling.
        data: { input: { someSum: 3 } },
        status: "waiting",
        decision: null,
      },
    },
  ]);
  expect((await server.get("/inbox?kind=input")).body).toEqual([]);
  const decision = { action_id: "c1", decision: "approve", input: { someSum: 2 } };
  const decided = await server.post(`${path}/decisions`, { decisions: [decision] });
  expect(decided.status).toBe(200);
  expect(decided.body).toMatchObject({
    status: "queued",
    segment: 1,
    actions: [{ id: "c1", status: "decided", decision: "approve", decided_by: "user:local" }],
  });
  expect((await server.get("/inbox")).body).toEqual([]);
  const again = await server.post(`${path}/decisions`, { decisions: [decision] });
  expect(again.body).toEqual(decided.body);
  expect(server.faults).toEqual([]);
});

test("outputs of the caller's tools stand in the thread, and the run goes on with the last", async () => {
  await using server = await startServer({ worker: false });
  const { thread, path } = await asking(server, ["tool_output", "tool_output"]);
  const first = await server.post(`${path}/tool_outputs`, {
    tool_outputs: [{ tool_call_id: "c1", output: { paid: true } }],
  });
  expect(first.body.status).toBe("requires_action");
  const second = await server.post(`${path}/tool_outputs`, {
    tool_outputs: [{ tool_call_id: "c2", output: "No money.", is_error: true }],
  });
  expect(second.body.status).toBe("queued");
  const { body: messages } = await server.get(`/threads/${thread}/messages`);
  const results = messages.filter(({ role }: { role: string }) => role === "tool");
  expect(results.map(({ parts }: { parts: readonly unknown[] }) => parts[0])).toMatchObject([
    { call_id: "c1", outcome: "ok", output: { type: "json", value: { paid: true } } },
    { call_id: "c2", outcome: "error", output: { type: "error", text: "No money." } },
  ]);
});

test("a decision that cannot count is refused with a code, and nothing changes", async () => {
  await using server = await startServer({ worker: false });
  const { thread, path } = await asking(server, ["approval", "tool_output"]);
  const { body: before } = await server.get(`/threads/${thread}`);
  const approve = { action_id: "c1", decision: "approve" };
  const refused: readonly [string, unknown, number, string][] = [
    [
      `${path}/decisions`,
      { decisions: [{ ...approve, action_id: "c9" }] },
      404,
      "action_not_found",
    ],
    [`${path}/decisions`, { decisions: [] }, 400, "invalid_request"],
    [
      `${path}/decisions`,
      { decisions: [{ ...approve, decision: "maybe" }] },
      400,
      "invalid_request",
    ],
    [`${path}/decisions`, { decisions: [{ ...approve, action_id: "c2" }] }, 400, "invalid_request"],
    [
      `${path}/tool_outputs`,
      { tool_outputs: [{ tool_call_id: "c1", output: 1 }] },
      400,
      "invalid_request",
    ],
    [
      `/threads/${thread}/runs/run_nobody/decisions`,
      { decisions: [approve] },
      404,
      "run_not_found",
    ],
    [`${path}/events`, { name: "" }, 400, "invalid_request"],
    [`${path}/events`, { name: "big", payload: "x".repeat(40_000) }, 400, "limit_exceeded"],
  ];
  for (const [to, body, status, code] of refused) {
    const answer = await server.post(to, body);
    expect([answer.status, answer.body.error?.code], JSON.stringify(body).slice(0, 80)).toEqual([
      status,
      code,
    ]);
  }
  expect((await server.get(`/threads/${thread}`)).body.version).toBe(before.version);
  await server.delete(`/threads/${thread}`);
  const gone = await server.post(`${path}/decisions`, { decisions: [approve] });
  expect([gone.status, gone.body.error.code]).toEqual([410, "thread_deleted"]);
});

test("an event is delivered once by its key, and late ones are refused", async () => {
  await using server = await startServer({ worker: false });
  const { thread, path } = await asking(server, ["approval"]);
  const event = { name: "paid", payload: { by: "card" }, dedup_key: "k1" };
  const first = await server.post(`${path}/events`, event);
  expect([first.status, first.body.events_waiting]).toEqual([202, 1]);
  const again = await server.post(`${path}/events`, event);
  expect(again.body.events_waiting).toBe(1);
  const { body: log } = await server.get(`/threads/${thread}/log?limit=200`);
  const sent = log.filter(({ op }: { op: string }) => op === "run.signal");
  expect(sent).toHaveLength(1);
  await server.post(`${path}/cancel`);
  const late = await server.post(`${path}/events`, { name: "late" });
  expect([late.status, late.body.error.code]).toEqual([409, "run_ended"]);
});

test("shared state is merged, compared when asked, and read", async () => {
  await using server = await startServer({ worker: false });
  const { body: thread } = await server.post("/threads", {});
  const path = `/threads/${thread.id}/state`;
  expect((await server.get(path)).body).toEqual({ value: {}, version: 0 });
  const first = await server.post(path, { patch: { openSeats: 2 }, expected_state: 0 });
  expect(first.body.value).toEqual({ openSeats: 2 });
  const stale = await server.post(path, { patch: { openSeats: 1 }, expected_state: 0 });
  expect([stale.status, stale.body.error.field]).toEqual([409, "expected_state"]);
  expect((await server.get(path)).body).toEqual(first.body);
});

test("a run that is asked for with a message expires when it is told to", async () => {
  await using server = await startServer({ worker: false });
  const { body: created } = await server.post("/threads", {});
  const asked = { message: "Quick!", expires_in_ms: 60_000 };
  const { body: posted } = await server.post(`/threads/${created.id}/messages`, asked);
  const { created_at: from, expires_at: until } = posted.run;
  expect(Date.parse(until) - Date.parse(from)).toBe(60_000);
});

test("the queue shows who holds a branch and who waits, in order", async () => {
  await using server = await startServer({ worker: false });
  const { body: created } = await server.post("/threads", { initial_message: "one", run: true });
  const path = `/threads/${created.id}`;
  await server.post(`${path}/messages`, { message: "two" });
  const third = await server.post(`${path}/messages`, { message: "three" });
  const { body: queue } = await server.get(`${path}/queue`);
  expect(queue.map(({ input_ids: ids }: { input_ids: readonly string[] }) => ids.length)).toEqual([
    0, 1, 1,
  ]);
  const last = await server.post(`${path}/messages`, {
    message: "stop that",
    multitask_strategy: "interrupt",
  });
  expect((await server.get(`${path}/queue`)).body).toMatchObject([{ id: last.body.run.id }]);
  const superseded = await server.get(`${path}/runs/${third.body.run.id}`);
  expect(superseded.body).toMatchObject({
    status: "cancelled",
    error: { code: "run_superseded" },
  });
});
