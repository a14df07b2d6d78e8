import { afterEach, expect, test } from "vitest";
import { startServer } from "./server.ts";
import type { TestServer, TestServerOptions } from "./server.ts";

const servers: TestServer[] = [];

async function start(options: TestServerOptions = {}): Promise<TestServer> {
  const server = await startServer({ worker: false, ...options });
  servers.push(server);
  return server;
}

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

async function talk(server: TestServer, headers?: Record<string, string>): Promise<string> {
  const messages = [{ content: "Hello" }, { role: "assistant", content: "Hi" }];
  const { body } = await server.post("/threads", { messages, run: false }, headers);
  return body.id;
}

test("a thread is exported by one server and imported by another, once", async () => {
  const [here, there] = [await start({ store: "sqlite" }), await start({ store: "sqlite" })];
  const id = await talk(here);
  const { status, body } = await here.get(`/threads/${id}/export`);
  expect([status, body.type]).toEqual([200, "skein.export"]);
  expect(body.messages[0]).toMatchObject({ role: "user", parent_id: null, status: "completed" });
  const first = await there.post("/threads/import", body);
  expect([first.status, first.body.id, first.body.message_count]).toEqual([201, id, 2]);
  expect(first.headers.get("etag")).toBe(`"${first.body.version}"`);
  const second = await there.post("/threads/import", body);
  expect([second.status, second.body.version]).toEqual([200, first.body.version]);
});

test("a reference is small, and finds its thread", async () => {
  const server = await start();
  const id = await talk(server);
  const { body } = await server.get(`/threads/${id}/export?mode=reference`);
  expect(body).toMatchObject({ type: "skein.thread", thread_id: id });
  const found = await server.post("/threads/import", body);
  expect([found.status, found.body.id]).toEqual([200, id]);
});

test("a thread larger than other bodies may be is imported", async () => {
  const [here, there] = [await start(), await start()];
  const { thread } = await here.skein.create({
    messages: Array.from({ length: 10 }, () => ({ content: "a".repeat(1_000_000) })),
  });
  const { body } = await here.get(`/threads/${thread.id}/export`);
  const imported = await there.post("/threads/import", body);
  expect([imported.status, imported.body.message_count]).toEqual([201, 10]);
});

test("a damaged export is refused and names the field", async () => {
  const server = await start();
  const id = await talk(server);
  const { body } = await server.get(`/threads/${id}/export`);
  const damaged = { ...body, messages: body.messages.slice(1) };
  const refused = await server.post("/threads/import", damaged);
  expect([refused.status, refused.body.error.code]).toEqual([400, "invalid_request"]);
  const noThread = await server.post("/threads/import", { hello: "world" });
  expect(noThread.status).toBe(400);
  expect((await server.post("/threads/import", [])).status).toBe(400);
});

test("with keys everybody exports and imports for themself, under ids that nobody guesses", async () => {
  const [here, there] = [
    await start({ keys: "k1:alice,k2:bob" }),
    await start({ keys: "k1:alice,k2:bob" }),
  ];
  const [alice, bob] = ["k1", "k2"].map((key) => ({ authorization: `Bearer ${key}` }));
  const id = await talk(here, alice);
  expect((await here.get(`/threads/${id}/export`, bob)).status).toBe(404);
  const { body } = await here.get(`/threads/${id}/export`, alice);
  expect((await there.post("/threads/import", body)).status).toBe(401);
  expect((await there.post("/threads/import", body, alice)).status).toBe(201);
  const taken = await there.post("/threads/import", body, bob);
  expect([taken.status, taken.body.error.code]).toEqual([404, "thread_not_found"]);
  const chosen = await there.post("/threads/import?thread_id=mine", body, alice);
  expect([chosen.status, chosen.body.error.code]).toEqual([403, "forbidden"]);
});

test("with keys a session of the Agent Framework gets an id that tells nothing of others", async () => {
  const server = await start({ keys: "k1:alice,k2:bob" });
  const [alice, bob] = ["k1", "k2"].map((key) => ({ authorization: `Bearer ${key}` }));
  const message = { role: "user", contents: [{ type: "text", text: "Hello" }], message_id: "m1" };
  const state = { in_memory: { messages: [message] } };
  const session = { type: "session", session_id: "s1", service_session_id: null, state };
  const first = await server.post("/threads/import", session, alice);
  const other = await server.post("/threads/import", session, bob);
  const again = await server.post("/threads/import", session, alice);
  expect([first.status, other.status, again.status]).toEqual([201, 201, 200]);
  expect(again.body.id).toBe(first.body.id);
  expect(new Set(["s1", first.body.id, other.body.id]).size).toBe(3);
});
