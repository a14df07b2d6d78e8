import { expect, test } from "vitest";
import { connectEvents } from "./event-client.ts";
import { startServer } from "./server.ts";
import type { TestServer } from "./server.ts";

async function talk(server: TestServer): Promise<string> {
  const { body } = await server.post("/threads", { title: "Long" });
  for (const content of ["q1", "q2", "q3"])
    await server.post(`/threads/${body.id}/messages`, { message: content, run: false });
  return body.id;
}

test("a trim answers what went, and the thread says so afterwards", async () => {
  await using server = await startServer();
  const id = await talk(server);
  const dry = await server.post(`/threads/${id}/trim`, { keep_last: 1, dry_run: true });
  expect(dry.body.branches).toEqual([{ name: "main", trimmed: 2 }]);
  expect(dry.body.thread.trimmed).toBe(null);
  const { version } = dry.body.thread;
  const done = await server.post(`/threads/${id}/trim`, { keep_last: 1 });
  expect(done.status).toBe(200);
  expect(done.headers.get("etag")).toBe(`"${version + 1}"`);
  expect(done.body.branches).toEqual(dry.body.branches);
  expect(done.body.thread).toMatchObject({
    message_count: 1,
    messages_total: 3,
    trimmed: { version: version + 1, messages: 2 },
  });
  const page = await server.get(`/threads/${id}/messages`);
  expect(page.body.map((message: { content: string }) => message.content)).toEqual(["q3"]);
  expect(page.headers.get("x-total-count")).toBe("1");
  expect(page.headers.get("x-trimmed-count")).toBe("2");
  expect(page.headers.get("link")).toBe(null);
  const branches = await server.get(`/threads/${id}/branches`);
  expect(branches.body[0]).toMatchObject({ name: "main", message_count: 1, trimmed: 2 });
  expect(server.faults).toEqual([]);
});

test("a trim by time, under a key, is carried out once", async () => {
  await using server = await startServer();
  const id = await talk(server);
  const { body: messages } = await server.get(`/threads/${id}/messages`);
  const trim = { before: messages[1].created_at };
  const key = { "idempotency-key": "t1" };
  const first = await server.post(`/threads/${id}/trim`, trim, key);
  const again = await server.post(`/threads/${id}/trim`, trim, key);
  expect(again.body).toEqual(first.body);
  expect(first.body.thread.version).toBe(messages[2].version + 1);
});

test("a trim that says neither or both of its bounds is refused", async () => {
  await using server = await startServer();
  const id = await talk(server);
  const now = new Date().toISOString();
  for (const body of [{}, { keep_last: 0 }, { keep_last: 1, before: now }, { before: "then" }])
    expect((await server.post(`/threads/${id}/trim`, body)).status).toBe(400);
  const stale = await server.post(`/threads/${id}/trim`, { keep_last: 1, expected_version: 1 });
  expect(stale.status).toBe(409);
});

test("what is older than a trim is gone for good, and the answer names the oldest version", async () => {
  await using server = await startServer();
  const id = await talk(server);
  const { body } = await server.post(`/threads/${id}/trim`, { keep_last: 1 });
  const oldest = body.thread.version;
  const asked = [
    server.get(`/threads/${id}?at=2`),
    server.get(`/threads/${id}/messages?at=2`),
    server.get(`/threads/${id}/log?after=1`),
    server.post(`/threads/${id}/fork`, { at: 2 }),
    server.post(`/threads/${id}/restore`, { version: 2 }),
  ];
  for (const answer of await Promise.all(asked)) {
    expect(answer.status).toBe(410);
    expect(answer.body.error).toMatchObject({ code: "trimmed", details: { oldest } });
  }
});

test("the log begins with the thread as it was, and without what is the server's own", async () => {
  await using server = await startServer();
  const id = await talk(server);
  await server.post(`/threads/${id}/trim`, { keep_last: 2 });
  const { body } = await server.get(`/threads/${id}/log`);
  expect(body).toHaveLength(1);
  const [{ op, version, data }] = body;
  expect(op).toBe("retention.trim");
  expect(data.policy).toEqual({ keep_last: 2 });
  expect(data.trimmed).toEqual({ main: 1 });
  const { body: thread } = await server.get(`/threads/${id}`);
  expect(data.thread).toEqual(thread);
  expect(data.thread.version).toBe(version);
  expect(data.branches).toEqual((await server.get(`/threads/${id}/branches`)).body);
  expect(Object.keys(data).toSorted()).toEqual(["branches", "policy", "runs", "thread", "trimmed"]);
  const fork = await server.post(`/threads/${id}/fork`, {});
  const log = await server.get(`/threads/${fork.body.id}/log`);
  expect(log.body[0].data.profile.trim).toBe(undefined);
});

test("an EventSource that missed what was trimmed is told to reload, and follows on", async () => {
  await using server = await startServer();
  const id = await talk(server);
  const { body } = await server.post(`/threads/${id}/trim`, { keep_last: 1 });
  const { version } = body.thread;
  const url = `${server.url}/api/v1/threads/${id}/events`;
  await using behind = await connectEvents(url, { headers: { "last-event-id": "2" } });
  expect(await behind.next()).toMatchObject({ event: "ready", id: `${version}` });
  expect(await behind.next()).toMatchObject({ event: "reload", data: { version } });
  await using beginner = await connectEvents(`${url}?after=0`);
  expect(await beginner.next()).toMatchObject({ event: "ready", id: "0" });
  expect(await beginner.next()).toMatchObject({ event: "entry", id: `${version}` });
  await using upToDate = await connectEvents(url, {
    headers: { "last-event-id": `${version - 1}` },
  });
  expect(await upToDate.nextOf("entry")).toMatchObject({ id: `${version}` });
  await server.post(`/threads/${id}/messages`, { message: "q4", run: false });
  for (const events of [behind, beginner, upToDate])
    expect(await events.nextOf("entry")).toMatchObject({ id: `${version + 1}` });
});

test("who follows a thread hears of the trim, and a later reader gets nothing of what was before", async () => {
  await using server = await startServer();
  const id = await talk(server);
  const url = `${server.url}/api/v1/threads/${id}/events`;
  await using live = await connectEvents(url);
  await live.next();
  await server.post(`/threads/${id}/messages`, { message: "q4", run: false });
  await live.nextOf("entry");
  const { body } = await server.post(`/threads/${id}/trim`, { keep_last: 1 });
  const { version } = body.thread;
  const trimmed = await live.nextOf("entry");
  expect(trimmed).toMatchObject({ id: `${version}`, data: { op: "retention.trim" } });
  // The server remembers its newest entries for readers that connect again.
  await using beginner = await connectEvents(`${url}?after=0`);
  expect((await beginner.nextOf("entry")).id).toBe(`${version}`);
});
