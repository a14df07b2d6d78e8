import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { scriptedModel } from "../../src/testing/scripted-model.ts";
import { connectEvents } from "./event-client.ts";
import type { EventConnection } from "./event-client.ts";
import { startServer } from "./server.ts";
import type { TestServer } from "./server.ts";

describe.each(["memory", "sqlite"] as const)("events of a thread on %s", (store) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer({ store });
  });
  afterAll(() => server.close());

  const newThread = async (messages = 0): Promise<string> => {
    const { body } = await server.post("/threads", { title: "Watched" });
    for (let n = 0; n < messages; n++) await say(body.id, `m${n}`);
    return body.id;
  };
  const say = (id: string, message: string): Promise<unknown> =>
    server.post(`/threads/${id}/messages`, { message, run: false });
  const watch = (id: string, query = "", headers = {}): Promise<EventConnection> =>
    connectEvents(`${server.url}/api/v1/threads/${id}/events${query}`, { headers });

  test("without a position only what is to come is sent", async () => {
    const id = await newThread(2);
    await using events = await watch(id);
    expect(events.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
    expect(await events.next()).toEqual({
      event: "ready",
      id: "3",
      data: { thread_id: id, version: 3 },
    });
    await say(id, "now");
    expect(await events.next()).toMatchObject({
      event: "entry",
      id: "4",
      data: { op: "message.append", version: 4, data: { message: { content: "now" } } },
    });
  });

  test("after=0 replays from the first entry and goes on with what comes", async () => {
    const id = await newThread(2);
    await using events = await watch(id, "?after=0");
    expect(await events.next()).toMatchObject({ event: "ready", id: "0" });
    const seen = [await events.next(), await events.next(), await events.next()];
    expect(seen.map((event) => [event.id, event.data.op])).toEqual([
      ["1", "thread.create"],
      ["2", "message.append"],
      ["3", "message.append"],
    ]);
    await say(id, "live");
    expect((await events.next()).id).toBe("4");
  });

  test("Last-Event-ID wins over after", async () => {
    const id = await newThread(3);
    await using events = await watch(id, "?after=0", { "last-event-id": "3" });
    expect(await events.next()).toMatchObject({ event: "ready", id: "3" });
    expect((await events.next()).id).toBe("4");
  });

  test("an id from the future is answered by reload, and by what comes from now", async () => {
    const id = await newThread(1);
    await using events = await watch(id, "?after=99");
    expect(await events.next()).toMatchObject({ event: "ready", id: "2" });
    expect(await events.next()).toEqual({
      event: "reload",
      id: undefined,
      data: { thread_id: id, version: 2 },
    });
    await say(id, "x");
    expect((await events.next()).id).toBe("3");
  });

  test("an unknown or deleted thread answers by status", async () => {
    await using unknown = await watch("th_unknown");
    expect(unknown.status).toBe(404);
    const id = await newThread();
    await using events = await watch(id);
    await events.nextOf("ready");
    await server.delete(`/threads/${id}`);
    expect((await events.next()).data.op).toBe("thread.delete");
    await events.ended();
    await using again = await watch(id);
    expect(again.status).toBe(410);
  });

  test("who is removed as a member sees no more", async () => {
    const { body } = await server.post("/threads", {
      members: { bob: "viewer" },
      user_id: "alice",
    });
    await using events = await watch(body.id, "", { "x-skein-user": "bob" });
    await events.nextOf("ready");
    await server.delete(`/threads/${body.id}/members/bob`);
    await events.ended();
    await using again = await watch(body.id, "", { "x-skein-user": "bob" });
    expect(again.status).toBe(404);
  });

  test("many readers of one thread all get every entry", async () => {
    const id = await newThread();
    const readers = await Promise.all(Array.from({ length: 100 }, () => watch(id)));
    await Promise.all(readers.map((reader) => reader.nextOf("ready")));
    await Promise.all(Array.from({ length: 20 }, (_, n) => say(id, `m${n}`)));
    const versions = await Promise.all(
      readers.map(async (reader) => {
        const ids: string[] = [];
        while (ids.length < 20) ids.push((await reader.nextOf("entry")).id ?? "");
        reader.close();
        return ids;
      }),
    );
    const expected = Array.from({ length: 20 }, (_, n) => String(n + 2));
    for (const ids of versions) expect(ids).toEqual(expected);
  });

  test("the feed of all threads tells headers, and resumes at a cursor", async () => {
    const feed = (query = "", headers = {}): Promise<EventConnection> =>
      connectEvents(`${server.url}/api/v1/events${query}`, { headers });
    await using all = await feed();
    expect((await all.next()).event).toBe("ready");
    await using bobs = await feed("", { "x-skein-user": "feed-bob" });
    await bobs.nextOf("ready");
    await server.post("/threads", { title: "Not his", user_id: "feed-alice" });
    const { body: his } = await server.post("/threads", { title: "His", user_id: "feed-bob" });
    const first = await all.next();
    expect(first).toMatchObject({
      event: "thread",
      data: { type: "created", thread: { title: "Not his" } },
    });
    expect((await all.next()).data.thread_id).toBe(his.id);
    expect((await bobs.next()).data.thread_id).toBe(his.id);
    await server.delete(`/threads/${his.id}`);
    expect((await bobs.next()).data.type).toBe("deleted");
    await using resumed = await feed("", { "last-event-id": first.id ?? "" });
    await resumed.nextOf("ready");
    expect((await resumed.next()).data.thread_id).toBe(his.id);
  });

  test("after=0 and Last-Event-ID: 0 replay the feed from the beginning and go on with what comes", async () => {
    await using fresh = await startServer({ store });
    const make = async (title: string): Promise<string> =>
      (await fresh.post("/threads", { title })).body.id;
    const ids = [await make("First"), await make("Second")];
    const url = `${fresh.url}/api/v1/events`;
    await using byQuery = await connectEvents(`${url}?after=0`);
    await using byHeader = await connectEvents(url, { headers: { "last-event-id": "0" } });
    const both = [byQuery, byHeader];
    for (const events of both) {
      expect((await events.next()).event).toBe("ready");
      const seen = [(await events.next()).data.thread_id, (await events.next()).data.thread_id];
      expect(seen).toEqual(ids);
    }
    const third = await make("Third");
    for (const events of both) expect((await events.next()).data.thread_id).toBe(third);
  });
});

describe("text that is being written", () => {
  test("comes as deltas; who connects meanwhile gets a snapshot first", async () => {
    const [first, second] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const model = scriptedModel([
      ["Hello", { wait: first.promise }, " wide", { wait: second.promise }, " world"],
    ]);
    await using server = await startServer({ model });
    const { body: thread } = await server.post("/threads", { title: "Streamed" });
    const url = `${server.url}/api/v1/threads/${thread.id}/events`;
    await using early = await connectEvents(url);
    await early.nextOf("ready");
    await server.post(`/threads/${thread.id}/messages`, { message: "Go" });
    const delta = await early.nextOf("delta");
    expect(delta).toMatchObject({
      id: undefined,
      data: { attempt: 1, part: 0, offset: 0, kind: "text", text: "Hello" },
    });
    await using late = await connectEvents(url);
    await late.nextOf("ready");
    expect(await late.next()).toEqual({
      event: "snapshot",
      id: undefined,
      data: {
        message_id: delta.data.message_id,
        run_id: delta.data.run_id,
        attempt: 1,
        parts: [{ part: 0, kind: "text", text: "Hello" }],
      },
    });
    first.resolve();
    for (const reader of [early, late])
      expect((await reader.nextOf("delta")).data).toMatchObject({ offset: 5, text: " wide" });
    second.resolve();
    for (const reader of [early, late]) {
      let text = "";
      let entry = await reader.next();
      for (; entry.data.op !== "message.commit"; entry = await reader.next())
        if (entry.event === "delta") text += entry.data.text;
      expect(text).toBe(" world");
      expect(entry.data.data.parts).toEqual([{ type: "text", text: "Hello wide world" }]);
    }
  });
});
