import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startServer } from "./server.ts";
import type { TestServer } from "./server.ts";

describe("several messages in one request", () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer();
  });
  afterAll(() => server.close());

  const newThread = async (): Promise<string> => (await server.post("/threads")).body.id;
  const turn = [
    { content: "My name is Ada." },
    { role: "assistant", content: "Hello Ada.", model: "openai/gpt-5" },
  ];

  test("they are stored in one commit, and nobody answers unless asked", async () => {
    const id = await newThread();
    const { status, headers, body } = await server.post(`/threads/${id}/messages/batch`, {
      messages: turn,
    });
    expect(status).toBe(201);
    expect(body.messages.map(({ content }: { content: string }) => content)).toEqual([
      "My name is Ada.",
      "Hello Ada.",
    ]);
    expect(body.messages[1].model).toBe("openai/gpt-5");
    expect([body.run, body.branch]).toEqual([null, "main"]);
    expect(headers.get("etag")).toBe(`"${body.thread.version}"`);
    const log = await server.get(`/threads/${id}/log?after=1`);
    expect(new Set(log.body.map(({ op_id }: { op_id: string }) => op_id)).size).toBe(1);
  });

  test("an agent answers when asked, in the way that is asked for", async () => {
    const id = await newThread();
    const { body } = await server.post(`/threads/${id}/messages/batch`, {
      messages: [...turn, { content: "What is my name?" }],
      run: { agent_id: "my-agent", metadata: { from: "test" } },
      wait: true,
    });
    expect(body.run).toMatchObject({
      status: "completed",
      agent_id: "my-agent",
      metadata: { from: "test" },
    });
    expect(body.reply.text).toContain("Ada");
    expect(body.thread).toMatchObject({ status: "idle", message_count: 4 });
  });

  test("an unknown thread is not made", async () => {
    const { status, body } = await server.post("/threads/th_nobody/messages/batch", {
      messages: turn,
    });
    expect([status, body.error.code]).toEqual([404, "thread_not_found"]);
  });

  test("a thread begins with several messages, or with an initial one", async () => {
    const { body } = await server.post("/threads", { kind: "note", messages: turn });
    expect(body).toMatchObject({ kind: "note", message_count: 2, status: "idle" });
    expect(body.messages).toHaveLength(2);
    const both = await server.post("/threads", { initial_message: "Hello", messages: turn });
    expect([both.status, both.body.error]).toMatchObject([
      400,
      { code: "invalid_request", field: "messages" },
    ]);
  });

  test("one message that is refused takes the others with it, and the field is named", async () => {
    const id = await newThread();
    for (const [wrong, code, field] of [
      [{ content: "" }, "invalid_request", "messages[1].content"],
      [{ content: "x", id: "a b" }, "invalid_id", "messages[1].id"],
      [
        { content: "x", cost: { nano_dollars: -1, unpriced_calls: 0 } },
        "invalid_request",
        "messages[1].cost.nano_dollars",
      ],
      [
        { content: "x", usage: { input_tokens: 1e12, output_tokens: 0 } },
        "invalid_request",
        "messages[1].usage.input_tokens",
      ],
      [{ content: "x", role: "king" }, "invalid_request", "messages[1].role"],
    ] as const) {
      const { status, body } = await server.post(`/threads/${id}/messages/batch`, {
        messages: [{ content: "first" }, wrong],
      });
      expect([status, body.error.code, body.error.field]).toEqual([400, code, field]);
    }
    expect((await server.get(`/threads/${id}`)).body.version).toBe(1);
  });

  test("with API keys the server makes the ids, of each message", async () => {
    await using keyed = await startServer({ keys: "k:alice" });
    const headers = { authorization: "Bearer k" };
    const { body: thread } = await keyed.post("/threads", {}, headers);
    const { status, body } = await keyed.post(
      `/threads/${thread.id}/messages/batch`,
      { messages: [{ content: "a" }, { content: "b", id: "mine" }] },
      headers,
    );
    expect([status, body.error.code]).toEqual([403, "forbidden"]);
  });
});
