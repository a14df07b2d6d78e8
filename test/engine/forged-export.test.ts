import { beforeEach, expect, test } from "vitest";
import { createEngine } from "../../src/engine/create-engine.ts";
import { digestOf } from "../../src/engine/digest.ts";
import type { Engine, ThreadExport } from "../../src/engine/engine.ts";
import { memoryStore } from "../../src/store/memory/memory-store.ts";
import type { Loose } from "../http/loose.ts";

// The hash says that nothing was damaged on the way, not that somebody meant well.
let exported: ThreadExport;
let engine: Engine;

beforeEach(async () => {
  const source = createEngine({ store: memoryStore() });
  const call = { type: "tool-call", callId: "c1", name: "f", inputText: "{}" } as const;
  const output = { type: "text", text: "done" } as const;
  const result = { type: "tool-result", callId: "c1", name: "f", outcome: "ok", output } as const;
  await source.create({
    id: "thread",
    messages: [
      { id: "a", content: "One" },
      { id: "b", role: "assistant", content: [call] },
      { id: "c", role: "tool", content: [result] },
      { id: "d", role: "assistant", content: "Two" },
    ],
  });
  await source.branch("thread", { name: "side", messageId: "a" });
  exported = await source.serialize("thread", { mode: "full" });
  engine = createEngine({ store: memoryStore() });
});

/** The export with a change, and the hash that belongs to it. */
function forged(change: (value: Loose) => void): unknown {
  const { sha256: _sha256, ...value }: Loose = structuredClone(exported);
  change(value);
  return { ...value, sha256: digestOf(value) };
}

const changes: readonly (readonly [name: string, change: (value: Loose) => void, code?: string])[] =
  [
    ["a message that follows on itself", (it) => (it.messages[0].parent_id = "d")],
    ["a message that follows on one that is not there", (it) => (it.messages[1].parent_id = "x")],
    ["a message that no branch leads to", (it) => (it.branches[0].message_id = "c")],
    ["a branch to nowhere", (it) => (it.branches[1].message_id = "x")],
    ["two messages of one id", (it) => (it.messages[3].id = "c")],
    ["two branches of one name", (it) => (it.branches[1].name = "main")],
    ["no main", (it) => it.branches.shift()],
    ["no branches", (it) => (it.branches = [])],
    ["an answer to no call", (it) => (it.messages[2].parts[0].call_id = "x"), "unknown_tool_call"],
    ["a call by a user", (it) => (it.messages[1].role = "user")],
    ["a call that is never answered", (it) => (it.messages[3].parent_id = "b")],
    ["a message that is being written", (it) => (it.messages[3].status = "in_progress")],
    ["an unknown role", (it) => (it.messages[0].role = "root")],
    ["an unknown part", (it) => (it.messages[0].parts[0].type = "script")],
    ["an unknown field", (it) => (it.messages[0].segment = { thread_id: "other", number: 0 })],
    ["a place in another thread", (it) => (it.branches[1].segment = { thread_id: "other" })],
    ["members", (it) => (it.thread.members = { eve: "owner" })],
    ["another tenant", (it) => (it.thread.tenant = "other")],
    ["a run at work", (it) => it.runs.push({ ...RUN, status: "running" })],
    ["two runs of one id", (it) => it.runs.push(RUN, RUN)],
    ["a file that is not among the files", (it) => (it.messages[0].parts = [FILE])],
    ["bytes that are others", (it) => it.blobs.push(BLOB)],
    ["a time that is none", (it) => (it.messages[0].created_at = "yesterday")],
    ["an id that is none", (it) => (it.thread.id = "../x")],
    ["a title of two lines", (it) => (it.thread.title = "a\nb"), "invalid_text"],
    ["a later version of the form", (it) => (it.version = 2)],
    ["a title of no message", (it) => (it.thread.title_of = "x")],
    [
      "metadata that are too large",
      (it) => (it.thread.metadata = { a: "a".repeat(17_000) }),
      "metadata_too_large",
    ],
    [
      "state that is too large",
      (it) => (it.thread.state = { a: "a".repeat(300_000) }),
      "limit_exceeded",
    ],
    ["text with NUL", (it) => (it.messages[0].parts[0].text = "a\0b"), "invalid_text"],
  ];

const RUN = {
  id: "run",
  agent_id: "a",
  branch: "main",
  status: "completed",
  turn_id: null,
  created_at: "2026-01-01T00:00:00.000Z",
  usage: { input_tokens: 0, output_tokens: 0 },
  cost: { nano_dollars: 0, unpriced_calls: 0 },
};
const FILE = {
  type: "file",
  media_type: "text/plain",
  source: { kind: "blob", sha256: "0".repeat(64), size_bytes: 1 },
};
const BLOB = { sha256: "0".repeat(64), size_bytes: 1, media_type: "text/plain", base64: "YQ==" };

test.for(changes)("an export with %s is refused whole", async ([, change, code]) => {
  await expect(engine.resume(forged(change))).rejects.toMatchObject({
    code: code ?? expect.stringMatching(/^(?:invalid_request|tool_calls_open)$/u),
  });
  await expect(engine.get("thread")).rejects.toMatchObject({ code: "thread_not_found" });
});

test("an export that nobody forged passes the same way", async () => {
  const { thread, isNew } = await engine.resume(forged(() => {}));
  expect([thread.messageCount, isNew]).toEqual([4, true]);
});

test("what is nested without end is refused", async () => {
  const deep: unknown = JSON.parse("[".repeat(200_000) + "]".repeat(200_000));
  for (const given of [
    { ...exported, messages: deep },
    { ...exported, thread: { ...exported.thread, state: { deep } } },
    { type: "session", session_id: "s", state: { deep } },
    { messages: [{ role: "user", contents: [{ type: "other", deep }] }] },
  ])
    await expect(engine.resume(given)).rejects.toMatchObject({ code: "invalid_request" });
});
