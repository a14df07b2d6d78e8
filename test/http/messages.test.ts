import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { scriptedModel } from "../../src/testing/scripted-model.ts";
import type { Loose } from "./loose.ts";
import { startServer } from "./server.ts";
import type { TestServer } from "./server.ts";

describe.each(["memory", "sqlite"] as const)("messages over HTTP on %s", (store) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer({ store });
  });
  afterAll(() => server.close());

  const newThread = async (fields: object = {}): Promise<string> =>
    (await server.post("/threads", fields)).body.id;

  test("a posted message answers 201 with the message and its run", async () => {
    const id = await newThread();
    const { status, body } = await server.post(`/threads/${id}/messages`, {
      message: "What are the applications of machine learning?",
      metadata: { source: "test" },
    });
    expect(status).toBe(201);
    expect(body.message).toMatchObject({
      thread_id: id,
      role: "user",
      author: { kind: "user", id: "local" },
      status: "completed",
      content: "What are the applications of machine learning?",
      parts: [{ type: "text", text: "What are the applications of machine learning?" }],
      metadata: { source: "test" },
      parent_id: null,
      depth: 0,
      redacted: false,
    });
    expect(body.run).toMatchObject({ thread_id: id, multitask_strategy: "enqueue" });
  });

  test("wait answers with the reply", async () => {
    const id = await newThread();
    const { body } = await server.post(`/threads/${id}/messages`, { message: "Hi", wait: true });
    expect(body.run.status).toBe("completed");
    expect(body.reply.message.run_id).toBe(body.run.id);
    expect(body.reply.text).toBe(body.reply.message.content);
  });

  test("Accept: text/event-stream streams the run whose text is what is stored", async () => {
    const id = await newThread();
    const answer = await server.post(
      `/threads/${id}/messages`,
      { message: "Tell me something" },
      { accept: "text/event-stream" },
    );
    expect(answer.headers.get("content-type")).toContain("text/event-stream");
    const frames = framesIn(answer.body);
    expect(frames[0]).toMatchObject({
      event: "accepted",
      data: { message: { content: "Tell me something" } },
    });
    expect(frames.at(-1)).toMatchObject({ event: "end", data: { run: { status: "completed" } } });
    const streamed = frames
      .filter(({ event }) => event === "delta")
      .map(({ data }) => data.text)
      .join("");
    const { body: messages } = await server.get(`/threads/${id}/messages`);
    expect(streamed).toBe(messages.at(-1).content);
  });

  test("run: false asks nobody, whatever the role", async () => {
    const id = await newThread();
    const { body } = await server.post(`/threads/${id}/messages`, {
      message: "Be brief",
      role: "system",
      run: false,
    });
    expect(body).toMatchObject({ run: null, message: { role: "system", author: null } });
    expect((await server.get(`/threads/${id}`)).body.status).toBe("idle");
  });

  test("parts keep the JSON inside of them as it is", async () => {
    const id = await newThread();
    const parts = [
      { type: "text", text: "Look" },
      { type: "data", name: "form", data: { camelKey: { "x-y": [1, null] } } },
      {
        type: "file",
        media_type: "image/png",
        source: { kind: "url", url: "https://a.example/i.png" },
      },
    ];
    const { body } = await server.post(`/threads/${id}/messages`, { message: parts, run: false });
    expect(body.message.parts).toEqual(parts);
    const call = {
      type: "tool_call",
      call_id: "call_1",
      name: "lookUp",
      input_text: '{"someKey":1}',
      input: { someKey: 1 },
    };
    const { body: said } = await server.post(`/threads/${id}/messages`, {
      message: [call],
      role: "assistant",
    });
    expect(said.message.parts).toEqual([call]);
    const result = {
      type: "tool_result",
      call_id: "call_1",
      name: "lookUp",
      outcome: "ok",
      output: { type: "text", text: "NUL \0 and half \ud800 are fine here" },
    };
    const { status, body: answered } = await server.post(`/threads/${id}/messages`, {
      message: [result],
      role: "tool",
      run: false,
    });
    expect(status).toBe(201);
    expect(answered.message.parts[0].output.text).toContain("NUL \0");
  });

  test("an output for an unknown call is refused", async () => {
    const id = await newThread();
    const result = {
      type: "tool_result",
      call_id: "nope",
      name: "x",
      outcome: "ok",
      output: { type: "text", text: "?" },
    };
    const answer = await server.post(`/threads/${id}/messages`, {
      message: [result],
      role: "tool",
    });
    expect([answer.status, answer.body.error.code]).toEqual([400, "unknown_tool_call"]);
  });

  test("pages lead from the newest to the oldest and back", async () => {
    const id = await newThread();
    for (let n = 1; n <= 12; n++)
      await server.post(`/threads/${id}/messages`, { message: `m${n}`, run: false });
    const newest = await server.get(`/threads/${id}/messages?limit=5`);
    expect(contents(newest.body)).toEqual(["m8", "m9", "m10", "m11", "m12"]);
    expect(newest.headers.get("x-total-count")).toBe("12");
    const seen = [...contents(newest.body)];
    let link = linkOf(newest.headers, "next");
    while (link !== undefined) {
      const page = await server.get(link);
      seen.unshift(...contents(page.body));
      link = linkOf(page.headers, "next");
    }
    expect(seen).toEqual(Array.from({ length: 12 }, (_, n) => `m${n + 1}`));
    const first = await server.get(`/threads/${id}/messages?limit=2&after=${newest.body[0].id}`);
    expect(contents(first.body)).toEqual(["m9", "m10"]);
    const newer = await server.get(linkOf(first.headers, "next") ?? "");
    expect(contents(newer.body)).toEqual(["m11", "m12"]);
    const backwards = await server.get(`/threads/${id}/messages?limit=3&order=desc`);
    expect(contents(backwards.body)).toEqual(["m12", "m11", "m10"]);
    const older = await server.get(linkOf(backwards.headers, "next") ?? "");
    expect(contents(older.body)).toEqual(["m9", "m8", "m7"]);
    const then = await server.get(`/threads/${id}/messages?at=${newest.body[0].version}`);
    expect(contents(then.body).at(-1)).toBe("m8");
  });

  test("a page that the client has already is 304", async () => {
    const id = await newThread();
    await server.post(`/threads/${id}/messages`, { message: "One", run: false });
    const page = await server.get(`/threads/${id}/messages`);
    const known = { "if-none-match": page.headers.get("etag") ?? "" };
    expect((await server.get(`/threads/${id}/messages`, known)).status).toBe(304);
    await server.post(`/threads/${id}/messages`, { message: "Two", run: false });
    expect((await server.get(`/threads/${id}/messages`, known)).body).toHaveLength(2);
  });

  test("a message of another branch is no cursor here", async () => {
    const id = await newThread();
    const answer = await server.get(`/threads/${id}/messages?before=msg_unknown`);
    expect([answer.status, answer.body.error.code]).toEqual([404, "message_not_found"]);
  });

  test("edit, regenerate, truncate and fork keep the old paths", async () => {
    const id = await newThread();
    const ask = await server.post(`/threads/${id}/messages`, { message: "One", wait: true });
    const edited = await server.post(`/threads/${id}/messages/${ask.body.message.id}/edit`, {
      message: "Two",
      wait: true,
    });
    expect(edited.status).toBe(201);
    expect(edited.body).toMatchObject({
      message: { content: "Two" },
      run: { status: "completed" },
    });
    const branches = await server.get(`/threads/${id}/branches`);
    expect(branches.body.map(({ name }: { name: string }) => name)).toEqual(["main", "main~1"]);
    const kept = await server.get(`/threads/${id}/messages?branch=main~1`);
    expect(contents(kept.body)[0]).toBe("One");
    const again = await server.post(`/threads/${id}/regenerate`, { wait: true });
    expect([again.status, again.body.run.status]).toEqual([201, "completed"]);
    const forked = await server.post(`/threads/${id}/fork`, { title: "A fork" });
    expect(forked.body).toMatchObject({ forked_from: { thread_id: id }, message_count: 2 });
    const cut = await server.post(`/threads/${id}/truncate`, {
      message_id: edited.body.message.id,
    });
    expect(cut.body.message_count).toBe(1);
    const emptied = await server.post(`/threads/${id}/truncate`, { message_id: null });
    expect(emptied.body.message_count).toBe(0);
    expect((await server.get(`/threads/${forked.body.id}/messages`)).body).toHaveLength(2);
  });

  test("branches are made, renamed and removed; main is protected", async () => {
    const id = await newThread();
    const { body: posted } = await server.post(`/threads/${id}/messages`, {
      message: "x",
      run: false,
    });
    const made = await server.post(`/threads/${id}/branches`, {
      name: "idea",
      message_id: posted.message.id,
    });
    expect([made.status, made.body.name]).toEqual([201, "idea"]);
    const twice = await server.post(`/threads/${id}/branches`, { name: "idea" });
    expect([twice.status, twice.body.error.code]).toEqual([409, "branch_exists"]);
    const renamed = await server.put(`/threads/${id}/branches/idea`, { name: "plan" });
    expect(renamed.body.name).toBe("plan");
    expect((await server.delete(`/threads/${id}/branches/plan`)).status).toBe(204);
    const main = await server.delete(`/threads/${id}/branches/main`);
    expect([main.status, main.body.error.code]).toEqual([409, "branch_protected"]);
  });

  test("redaction erases the text, annotation adds metadata", async () => {
    const id = await newThread({ title: "Redacted" });
    const { body } = await server.post(`/threads/${id}/messages`, {
      message: "secret",
      run: false,
    });
    const path = `/threads/${id}/messages/${body.message.id}`;
    const noted = await server.put(`${path}/metadata`, { metadata: { stars: 5 } });
    expect(noted.body.metadata).toEqual({ stars: 5 });
    const redacted = await server.post(`${path}/redact`, { reason: "private" });
    expect(redacted.body).toMatchObject({ redacted: true, content: "" });
    expect((await server.get(path)).body.redacted).toBe(true);
    const log = (await server.get(`/threads/${id}/log`)).body;
    expect(JSON.stringify(log)).not.toContain("secret");
    expect(log[1]).toMatchObject({ op: "message.append", data: { message: { content: "" } } });
    expect(log[1].data.message).not.toHaveProperty("redacted");
  });

  test("the log pages by version with a link to what follows", async () => {
    const id = await newThread();
    for (let n = 0; n < 4; n++)
      await server.post(`/threads/${id}/messages`, { message: `m${n}`, run: false });
    const first = await server.get(`/threads/${id}/log?limit=3`);
    expect(first.body.map(({ version }: { version: number }) => version)).toEqual([1, 2, 3]);
    expect(first.body[0]).toMatchObject({
      op: "thread.create",
      data: { profile: { user_id: "local" } },
    });
    const next = await server.get(linkOf(first.headers, "next") ?? "");
    expect(next.body[0].version).toBe(4);
    expect(
      first.body.find(({ op }: { op: string }) => op === "message.append").data.message,
    ).toMatchObject({ content: "m0", role: "user" });
  });
});

describe("a run that holds the branch", () => {
  test("a message is queued, can be taken back, and reject answers 409", async () => {
    const gate = Promise.withResolvers<void>();
    const model = scriptedModel([[{ wait: gate.promise }, "first"], "second"]);
    await using server = await startServer({ model });
    const { body: thread } = await server.post("/threads", { initial_message: "Go" });
    const path = `/threads/${thread.id}/messages`;
    const queued = await server.post(path, { message: "And then" });
    expect(queued.body.message).toMatchObject({ status: "queued", depth: null });
    const rejected = await server.post(path, { message: "No", multitask_strategy: "reject" });
    expect([rejected.status, rejected.body.error.code]).toEqual([409, "run_active"]);
    const extra = await server.post(path, { message: "Never mind", run: false });
    expect((await server.delete(`${path}/${extra.body.message.id}`)).status).toBe(204);
    gate.resolve();
    const run = await server.skein.waitForRun(thread.id, queued.body.run.id);
    expect(run.status).toBe("completed");
    const { body: messages } = await server.get(path);
    expect(contents(messages)).toEqual(["Go", "first", "And then", "second"]);
  });

  test("who waits for the answer to a queued message gets the message as it is at the end", async () => {
    const gate = Promise.withResolvers<void>();
    const model = scriptedModel([[{ wait: gate.promise }, "first"], "second"]);
    await using server = await startServer({ model });
    const { body: thread } = await server.post("/threads", { initial_message: "Go" });
    const path = `/threads/${thread.id}/messages`;
    const answered = server.post(path, { message: "And then", wait: true });
    await vi.waitFor(async () => expect((await server.get(path)).body).toHaveLength(3));
    const withdrawn = server.post(path, { message: "Never mind", wait: true });
    await vi.waitFor(async () => expect((await server.get(path)).body).toHaveLength(4));
    const [, , , last] = (await server.get(path)).body;
    expect((await server.delete(`${path}/${last.id}`)).status).toBe(204);
    gate.resolve();
    const { body } = await answered;
    expect(body.message).toMatchObject({ status: "completed", content: "And then", depth: 2 });
    expect([body.run.status, body.reply.text]).toEqual(["completed", "second"]);
    expect((await withdrawn).body).toMatchObject({
      message: { id: last.id, status: "queued" },
      run: { status: "cancelled" },
      reply: null,
    });
  });

  test("the links of pages lead past messages that wait", async () => {
    const gate = Promise.withResolvers<void>();
    const model = scriptedModel([[{ wait: gate.promise }, "first"]]);
    await using server = await startServer({ model });
    const { body: thread } = await server.post("/threads", { initial_message: "Go" });
    const path = `/threads/${thread.id}/messages`;
    for (const message of ["one", "two"]) await server.post(path, { message, run: false });
    const seen: string[] = [];
    for (let next: string | undefined = `${path}?limit=1`; next !== undefined;) {
      const page = await server.get(next);
      expect(page.body).toHaveLength(1);
      seen.unshift(page.body[0].content);
      next = /<\/api\/v1([^>]*)>; rel="next"/.exec(page.headers.get("link") ?? "")?.[1];
    }
    expect(seen.filter((content) => content !== "")).toEqual(["Go", "one", "two"]);
    gate.resolve();
  });
});

interface Frame {
  readonly event: string;
  readonly id?: string;
  readonly data: Loose;
}

function framesIn(text: string): readonly Frame[] {
  return text
    .split("\n\n")
    .filter((block) => block.includes("data: "))
    .map((block) => {
      const field = (name: string): string | undefined =>
        new RegExp(`^${name}: (.*)$`, "m").exec(block)?.[1];
      const id = field("id");
      return {
        event: field("event") ?? "message",
        ...(id !== undefined && { id }),
        data: JSON.parse(field("data") ?? "null"),
      };
    });
}

function contents(messages: readonly { content: string }[]): string[] {
  return messages.map(({ content }) => content);
}

function linkOf(headers: Headers, rel: string): string | undefined {
  return new RegExp(`<([^>]+)>; rel="${rel}"`).exec(headers.get("link") ?? "")?.[1];
}
