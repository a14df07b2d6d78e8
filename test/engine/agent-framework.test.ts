import { expect, test } from "vitest";
import { createEngine } from "../../src/engine/create-engine.ts";
import type { Engine } from "../../src/engine/engine.ts";
import type { Json, JsonObject } from "../../src/model/json.ts";
import type { Part } from "../../src/model/part.ts";
import { memoryStore } from "../../src/store/memory/memory-store.ts";

const engineOver = (): Engine => createEngine({ store: memoryStore() });

function text(value: string): JsonObject {
  return { type: "text", text: value };
}

function chat(role: string, id: string | null, ...contents: readonly JsonObject[]): JsonObject {
  const author_name = role === "assistant" ? "Joker" : null;
  return {
    type: "chat_message",
    role: { type: "role", value: role },
    contents,
    author_name,
    message_id: id,
    additional_properties: {},
  };
}

function thread(...messages: readonly Json[]): JsonObject {
  return {
    type: "agent_thread_state",
    service_thread_id: null,
    chat_message_store_state: { type: "chat_message_store_state", messages },
  };
}

const PIRATES = thread(
  chat("user", "q1", text("Tell me a joke about a pirate.")),
  chat("assistant", "a1", {
    type: "function_call",
    call_id: "call_1",
    name: "find_joke",
    arguments: '{"about":"pirates"}',
  }),
  chat("tool", null, { type: "function_result", call_id: "call_1", result: { joke_id: 7 } }),
  chat("assistant", "a2", text("Arr."), {
    type: "usage",
    details: { type: "usage_details", input_token_count: 11, output_token_count: 2 },
  }),
);

async function partsIn(engine: Engine, id: string): Promise<readonly (readonly Part[])[]> {
  const { messages } = await engine.messages(id);
  return messages.map(({ parts }) => parts);
}

test("a thread of the Agent Framework becomes a thread, calls, results and usage included", async () => {
  const engine = engineOver();
  const { thread: brought, isNew } = await engine.resume(PIRATES);
  expect(isNew).toBe(true);
  expect(brought).toMatchObject({
    title: "Tell me a joke about a pirate.",
    messageCount: 4,
    usage: { inputTokens: 11, outputTokens: 2 },
  });
  expect(await partsIn(engine, brought.id)).toEqual([
    [{ type: "text", text: "Tell me a joke about a pirate." }],
    [
      {
        type: "tool-call",
        callId: "call_1",
        name: "find_joke",
        inputText: '{"about":"pirates"}',
        input: { about: "pirates" },
      },
    ],
    [
      {
        type: "tool-result",
        callId: "call_1",
        name: "",
        outcome: "ok",
        output: { type: "json", value: { joke_id: 7 } },
      },
    ],
    [{ type: "text", text: "Arr." }],
  ]);
  const { messages } = await engine.messages(brought.id);
  expect(messages.map(({ author }) => author?.id)).toEqual([
    undefined,
    "Joker",
    undefined,
    "Joker",
  ]);
  await engine.append(brought.id, { messages: [{ content: "Again!" }] });
});

test("the same thread of the Agent Framework is found the second time, and a longer one adds", async () => {
  const engine = engineOver();
  const { thread: first } = await engine.resume(PIRATES);
  const { thread: again, isNew } = await engine.resume(structuredClone(PIRATES));
  expect([again.id, again.version, isNew]).toEqual([first.id, first.version, false]);
  const state = PIRATES["chat_message_store_state"] as { readonly messages: readonly Json[] };
  const longer = thread(...state.messages, chat("user", null, text("Another one!")));
  const { thread: later } = await engine.resume(longer);
  expect([later.id, later.messageCount]).toEqual([first.id, 5]);
  expect((await engine.resume(longer)).thread.version).toBe(later.version);
});

test("a session keeps its id and its state, and loses addresses and secrets", async () => {
  const engine = engineOver();
  const session = {
    type: "session",
    session_id: "2f0c5c1e-0b0e-4a5e-9a57-8b1c3f1f5a10",
    service_session_id: null,
    state: {
      in_memory: {
        messages: [{ type: "message", role: "user", contents: [text("Hello")] }],
        seen: 1,
      },
      redis: { redis_url: "redis://app:hunter2@db.example:6379/0", api_key: "sk-1", prefix: "p" },
      mood: "good",
    },
  };
  const { thread: brought } = await engine.resume(session);
  expect(brought.id).toBe(session.session_id);
  expect((await engine.state(brought.id)).value).toEqual({
    in_memory: { seen: 1 },
    redis: { redis_url: "redis://db.example:6379/0", prefix: "p" },
    mood: "good",
  });
  const log = JSON.stringify(await engine.log(brought.id));
  expect(log).not.toMatch(/hunter2|sk-1/u);
  expect((await engine.resume(session)).isNew).toBe(false);
});

test("a session that has said nothing yet is there for what comes", async () => {
  const engine = engineOver();
  const empty = { type: "session", session_id: "s-1", service_session_id: null, state: {} };
  expect((await engine.resume(empty)).isNew).toBe(true);
  expect((await engine.resume(empty)).isNew).toBe(false);
  const said = { in_memory: { messages: [chat("user", null, text("Hello"))] } };
  expect((await engine.resume({ ...empty, state: said })).thread.messageCount).toBe(1);
});

test("a thread whose messages are kept elsewhere is found here by its id, or not", async () => {
  const engine = engineOver();
  await engine.create({ id: "user_1_session", messages: [{ content: "Hello" }] });
  const redis = {
    thread_id: "user_1_session",
    redis_url: "redis://:hunter2@db.example:6379",
    key_prefix: "chat_messages",
    max_messages: null,
  };
  expect((await engine.resume(redis)).thread.messageCount).toBe(1);
  const nested = { service_thread_id: null, chat_message_store_state: redis };
  expect((await engine.resume(nested)).isNew).toBe(false);
  const service = { service_thread_id: "thread_abc", chat_message_store_state: null };
  const missing = [service, { ...redis, thread_id: "unknown" }];
  for (const state of missing) {
    const error: unknown = await engine.resume(state).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: "thread_not_found" });
    expect(JSON.stringify([String(error), error])).not.toContain("hunter2");
  }
});

test("files in a thread of the Agent Framework are kept, addresses of files without passwords", async () => {
  const engine = engineOver();
  const uri = `data:text/plain;base64,${Buffer.from("small").toString("base64")}`;
  const { thread: brought } = await engine.resume(
    thread(
      chat(
        "user",
        "q1",
        { type: "data", uri, media_type: "text/plain" },
        { type: "uri", uri: "https://me:hunter2@files.example/a.png", media_type: "image/png" },
        { type: "function_approval_request", id: "x" },
      ),
    ),
  );
  const [[data, link, other] = []] = await partsIn(engine, brought.id);
  const sha256 = data?.type === "file" && data.source.kind === "blob" ? data.source.sha256 : "";
  expect(Buffer.from((await engine.getBlob(sha256)).bytes).toString()).toBe("small");
  expect(link).toMatchObject({ source: { url: "https://files.example/a.png" } });
  expect(other).toMatchObject({ type: "opaque", format: "agent-framework" });
});

test("calls without results and results without calls do not spoil a thread", async () => {
  const engine = engineOver();
  const call = { type: "function_call", call_id: "c1", name: "f", arguments: { a: 1 } };
  const { thread: brought } = await engine.resume(
    thread(
      chat("tool", null, { type: "function_result", call_id: "gone", result: "lost" }),
      chat("user", null, text("Go")),
      chat("assistant", null, call),
      chat("assistant", null, text("Never mind.")),
      chat("assistant", null, { ...call, call_id: "c2" }),
      chat("user", null, text("Hello?")),
    ),
  );
  const { messages } = await engine.messages(brought.id);
  expect(messages.map(({ role }) => role)).toEqual([
    "assistant",
    "user",
    "assistant",
    "tool",
    "assistant",
    "assistant",
    "tool",
    "user",
  ]);
  await engine.append(brought.id, { messages: [{ role: "assistant", content: "Yes?" }] });
});

test("what is no thread is refused, with the field", async () => {
  const engine = engineOver();
  const state = { messages: [] };
  for (const [given, field] of [
    [{}, undefined],
    [{ service_thread_id: "a", chat_message_store_state: state }, "service_thread_id"],
    [{ type: "session" }, "session_id"],
    [{ type: "session", session_id: "a", state: [] }, "state"],
    [thread("text"), "messages[0]"],
    [thread(chat("clown", null, text("a"))), "messages[0].role"],
    [thread({ ...chat("user", null), contents: "text" }), "messages[0].contents"],
    [thread(chat("user", null, { type: "data", uri: "file:a" })), "messages[0].contents[0].uri"],
  ] as const)
    await expect(engine.resume(given)).rejects.toMatchObject({ code: "invalid_request", field });
});
