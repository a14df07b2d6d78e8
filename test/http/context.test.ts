import { afterEach, expect, test } from "vitest";
import { agent } from "../../src/agents/agent.ts";
import { scriptedModel } from "../../src/testing/scripted-model.ts";
import { startServer } from "./server.ts";
import type { TestServer } from "./server.ts";

const servers: TestServer[] = [];

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

async function start(): Promise<TestServer> {
  const model = scriptedModel((_request, index) =>
    JSON.stringify({ summary: `S${index + 1}`, topics: ["trees"], action_items: ["Plant"] }),
  );
  const context = { lastMessages: 2, tokenBudget: 1_000 };
  const server = await startServer({
    store: "sqlite",
    agents: [agent({ name: "my-agent", model, context, instructions: "Be kind." })],
  });
  servers.push(server);
  return server;
}

async function talk(server: TestServer, headers?: Record<string, string>): Promise<string> {
  const messages = ["a", "b", "c", "d"].map((content) => ({ id: content, content }));
  const { body } = await server.post("/threads", { messages, run: false }, headers);
  return body.id;
}

test("a context is what the model would get, with the reasons for the rest", async () => {
  const server = await start();
  const id = await talk(server);
  const { status, body } = await server.get(`/threads/${id}/context`);
  expect(status).toBe(200);
  expect(body).toMatchObject({
    thread_id: id,
    agent_id: "my-agent",
    model: "scripted",
    branch: "main",
    system: "Be kind.",
    messages: [
      { id: "c", role: "user", content: "c", parts: [{ type: "text", text: "c" }], tokens: 1 },
      { id: "d" },
    ],
    tokens: { system: 2, messages: 2 },
    tokenizer: "estimate",
    token_budget: 1_000,
    last_messages: 2,
    summary: null,
    left_out: [
      { reason: "last_messages", messages: 2, first_message_id: "a", last_message_id: "b" },
    ],
    elided: [],
  });
  const early = await server.get(`/threads/${id}/context?at=4&agent_id=assistant`);
  expect(early.body.messages.map((message: { id: string }) => message.id)).toEqual(["a", "b"]);
  expect((await server.get(`/threads/${id}/context?agent_id=nobody`)).status).toBe(400);
  expect((await server.get(`/threads/${id}/context?branch=none`)).status).toBe(404);
  expect((await server.get(`/threads/${id}/context?at=99`)).status).toBe(404);
  expect((await server.get(`/threads/${id}/context?at=x`)).status).toBe(400);
});

test("a summary is made, shown, found stale, and gone on with", async () => {
  const server = await start();
  const id = await talk(server);
  expect(await server.get(`/threads/${id}/summary`)).toMatchObject({ status: 200, body: null });
  const made = await server.post(`/threads/${id}/summary`);
  expect(made.status).toBe(200);
  expect(made.body).toMatchObject({
    thread_id: id,
    text: "S1",
    topics: ["trees"],
    decisions: [],
    action_items: ["Plant"],
    is_structured: true,
    style: "standard",
    covers: { branch: "main", messages: 4, message_id: "d", depth: 3 },
    is_stale: false,
    new_messages: 0,
    calls: 1,
    summary_thread_id: null,
  });
  const thread = await server.get(`/threads/${id}`);
  expect(thread.body.metadata).toEqual({ summary: "S1", summarized_at: made.body.summarized_at });
  await server.post(`/threads/${id}/messages`, { message: "e", run: false });
  const shown = await server.get(`/threads/${id}/summary?style=standard`);
  expect(shown.body).toMatchObject({ text: "S1", is_stale: true, new_messages: 1 });
  const again = await server.post(`/threads/${id}/summary`, { thread: true });
  expect(again.body).toMatchObject({ text: "S2", calls: 1, is_stale: false });
  const kept = await server.get(`/threads/${again.body.summary_thread_id}/messages`);
  expect(kept.body).toMatchObject([{ role: "assistant", content: "S2" }]);
  expect((await server.post(`/threads/${id}/summary`, { style: "loud" })).status).toBe(400);
  const log = await server.get(`/threads/${id}/log`);
  expect(JSON.stringify(log.body)).toContain('"op":"context.compact"');
});

test("who may only read a thread makes no summary of it", async () => {
  const server = await start();
  const as = (user: string) => ({ "x-skein-user": user });
  const id = await talk(server, as("ann"));
  await server.skein.as({ user: "ann" }).setMember(id, "eve", "viewer");
  expect((await server.post(`/threads/${id}/summary`, {}, as("eve"))).status).toBe(403);
  expect((await server.get(`/threads/${id}/context`, as("eve"))).status).toBe(200);
  expect((await server.get(`/threads/${id}/context`, as("bob"))).status).toBe(404);
  expect((await server.post(`/threads/${id}/summary`, {}, as("bob"))).status).toBe(404);
});
