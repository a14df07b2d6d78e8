import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startServer } from "./server.ts";
import type { TestServer } from "./server.ts";

describe.each(["memory", "sqlite"] as const)("threads over HTTP on %s", (store) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer({ store });
  });
  afterAll(() => server.close());

  test("an initial message is stored, answered and described in the answer to create", async () => {
    const { status, headers, body } = await server.post("/threads", {
      agent_id: "my-agent",
      title: "Discussion about AI",
      initial_message: "Hello, I want to learn about AI",
      metadata: { project: "alpha" },
      tags: ["ai"],
    });
    expect(status).toBe(201);
    expect(headers.get("location")).toBe(`/api/v1/threads/${body.id}`);
    expect(body).toMatchObject({
      title: "Discussion about AI",
      agent_id: "my-agent",
      message_count: 1,
      last_message: "Hello, I want to learn about AI",
      metadata: { project: "alpha" },
      tags: ["ai"],
      user_id: "local",
      status: "active",
      archived_at: null,
      forked_from: null,
      message: { role: "user", content: "Hello, I want to learn about AI" },
      run: { agent_id: "my-agent" },
    });
    expect(new Date(body.created_at).toISOString()).toBe(body.created_at);
  });

  test("create with wait answers with the reply and the header after it", async () => {
    const { body } = await server.post("/threads", { initial_message: "Hi there", wait: true });
    expect(body).toMatchObject({ status: "idle", message_count: 2, run: { status: "completed" } });
    expect(body.reply.text).toContain("demo");
    expect(body.reply.message.role).toBe("assistant");
  });

  test("run: false stores the initial message and asks nobody", async () => {
    const { body } = await server.post("/threads", { initial_message: "A note", run: false });
    expect(body).toMatchObject({ message_count: 1, status: "idle", title: "A note" });
    expect(body.run).toBeUndefined();
  });

  test("an empty body creates an empty thread", async () => {
    const { status, body } = await server.post("/threads");
    expect(status).toBe(201);
    expect(body).toMatchObject({ title: null, message_count: 0, last_message: null });
  });

  test("PUT merges metadata, replaces tags and moves the version", async () => {
    const { body: made } = await server.post("/threads", { metadata: { a: 1, b: { c: 2, d: 3 } } });
    const changed = await server.put(`/threads/${made.id}`, {
      title: "New",
      metadata: { a: null, b: { c: 5 } },
      tags: ["x", "y"],
      agent_id: "my-agent",
    });
    expect(changed.status).toBe(200);
    expect(changed.body).toMatchObject({
      title: "New",
      metadata: { b: { c: 5, d: 3 } },
      tags: ["x", "y"],
      agent_id: "my-agent",
    });
    expect(changed.body.version).toBeGreaterThan(made.version);
    expect(changed.headers.get("etag")).toBe(`"${changed.body.version}"`);
  });

  test("If-None-Match with the ETag answers 304, after a change 200", async () => {
    const { body: made } = await server.post("/threads", { title: "Tagged" });
    const first = await server.get(`/threads/${made.id}`);
    const etag = first.headers.get("etag") ?? "";
    const again = await server.get(`/threads/${made.id}`, { "if-none-match": etag });
    expect([again.status, again.body]).toEqual([304, ""]);
    await server.put(`/threads/${made.id}`, { title: "Renamed" });
    const after = await server.get(`/threads/${made.id}`, { "if-none-match": etag });
    expect([after.status, after.body.title]).toEqual([200, "Renamed"]);
  });

  test("If-Match answers 412, expected_version 409, and nothing changes", async () => {
    const { body: made } = await server.post("/threads", { title: "One" });
    const stale = { "if-match": '"99"' };
    const byHeader = await server.put(`/threads/${made.id}`, { title: "Two" }, stale);
    expect([byHeader.status, byHeader.body.error.code]).toEqual([412, "version_conflict"]);
    const byBody = await server.put(`/threads/${made.id}`, { title: "Two", expected_version: 99 });
    expect([byBody.status, byBody.body.error.code]).toEqual([409, "version_conflict"]);
    const { body: now } = await server.get(`/threads/${made.id}`);
    expect(now).toMatchObject({ title: "One", version: made.version });
    const right = await server.put(
      `/threads/${made.id}`,
      { title: "Two" },
      { "if-match": `"${made.version}"` },
    );
    expect(right.status).toBe(200);
  });

  test("a repeated Idempotency-Key answers the same and writes once", async () => {
    const key = { "idempotency-key": `create-${store}` };
    const first = await server.post("/threads", { title: "Once" }, key);
    const second = await server.post("/threads", { title: "Once" }, key);
    expect(second.body.id).toBe(first.body.id);
    const other = await server.post("/threads", { title: "Other" }, key);
    expect([other.status, other.body.error.code]).toEqual([409, "op_conflict"]);
  });

  test("a deleted thread is 410 until it is undeleted, and a purged one is gone", async () => {
    const { body: made } = await server.post("/threads", { title: "Gone" });
    const gone = await server.delete(`/threads/${made.id}`);
    expect([gone.status, gone.body]).toEqual([204, ""]);
    const read = await server.get(`/threads/${made.id}`);
    expect([read.status, read.body.error.code]).toEqual([410, "thread_deleted"]);
    const write = await server.post(`/threads/${made.id}/messages`, { message: "Hello" });
    expect([write.status, write.body.error.code]).toEqual([410, "thread_deleted"]);
    expect((await server.post(`/threads/${made.id}/undelete`)).status).toBe(200);
    expect((await server.get(`/threads/${made.id}`)).status).toBe(200);
    expect((await server.delete(`/threads/${made.id}?purge=true`)).status).toBe(204);
    const purged = await server.get(`/threads/${made.id}`);
    expect([purged.status, purged.body.error.code]).toEqual([404, "thread_not_found"]);
  });

  test("archive takes a thread out of the list until a message brings it back", async () => {
    const { body: made } = await server.post("/threads", { title: "Old", tags: ["archive-test"] });
    const { body: archived } = await server.post(`/threads/${made.id}/archive`);
    expect(archived.archived_at).not.toBeNull();
    const listed = async (query: string): Promise<number> =>
      (await server.get(`/threads?tag=archive-test${query}`)).body.length;
    expect(await listed("")).toBe(0);
    expect(await listed("&archived=true")).toBe(1);
    await server.post(`/threads/${made.id}/messages`, { message: "Back", run: false });
    expect(await listed("")).toBe(1);
    await server.post(`/threads/${made.id}/archive`);
    const { body: unarchived } = await server.post(`/threads/${made.id}/unarchive`);
    expect(unarchived.archived_at).toBeNull();
  });

  test("stats count messages and runs", async () => {
    const { body: made } = await server.post("/threads", { initial_message: "Hi", wait: true });
    const { body } = await server.get(`/threads/${made.id}/stats`);
    expect(body).toMatchObject({
      thread_id: made.id,
      message_count: 2,
      run_count: 1,
      runs_by_status: { completed: 1 },
      last_run: { id: made.run.id, status: "completed" },
    });
    expect(body.cost.usd).toBe("0");
  });

  test("an earlier version of the header can be read, and restored by new entries", async () => {
    const { body: made } = await server.post("/threads", { title: "First", tags: ["one"] });
    await server.put(`/threads/${made.id}`, { title: "Second", tags: ["two"] });
    const { body: then } = await server.get(`/threads/${made.id}?at=${made.version}`);
    expect(then).toMatchObject({ title: "First", tags: ["one"], version: made.version });
    const { body: restored } = await server.post(`/threads/${made.id}/restore`, {
      version: made.version,
    });
    expect(restored).toMatchObject({ title: "First", tags: ["one"] });
    expect(restored.version).toBeGreaterThan(made.version + 1);
    const beyond = await server.get(`/threads/${made.id}?at=9999`);
    expect([beyond.status, beyond.body.error.code]).toEqual([404, "version_not_found"]);
  });
});
