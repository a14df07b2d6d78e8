import { describe, expect, test } from "vitest";
import { scriptedModel } from "../../src/testing/scripted-model.ts";
import { connectEvents } from "./event-client.ts";
import { startServer } from "./server.ts";

const textOf = (events: readonly { type: string; text?: string }[]): string =>
  events.map((event) => (event.type === "delta" ? event.text : "")).join("");

describe.each(["memory", "sqlite"] as const)("the stream of a run on %s", (store) => {
  test("a run that has ended is read from the start, in pieces and at its end", async () => {
    await using server = await startServer({ store });
    const { body } = await server.post("/threads", { initial_message: "Hi", wait: true });
    const path = `/threads/${body.id}/runs/${body.run.id}/stream`;
    const whole = await server.get(path);
    expect(whole.headers.get("stream-closed")).toBe("true");
    expect(whole.headers.get("stream-up-to-date")).toBe("true");
    expect(whole.body.at(-1)).toMatchObject({ type: "end", run: { status: "completed" } });
    expect(textOf(whole.body)).toBe(body.reply.text);
    expect((await server.get(`${path}?offset=-1`)).body).toEqual(whole.body);
    const end = whole.headers.get("stream-next-offset") ?? "";
    const atEnd = await server.get(`${path}?offset=${encodeURIComponent(end)}`);
    expect([atEnd.body, atEnd.headers.get("stream-closed")]).toEqual([[], "true"]);
    const now = await server.get(`${path}?offset=now`);
    expect(now.body).toEqual([]);
    const byId = await server.get(`/runs/${body.run.id}/stream`);
    expect(byId.body).toEqual(whole.body);
  });

  test("a run that goes on is followed by long polls, each from where the last one ended", async () => {
    const gates = [Promise.withResolvers<void>(), Promise.withResolvers<void>()] as const;
    const model = scriptedModel([
      ["One", { wait: gates[0].promise }, " two", { wait: gates[1].promise }, " three"],
    ]);
    await using server = await startServer({ store, model });
    const { body } = await server.post("/threads", { initial_message: "Count" });
    const path = `/threads/${body.id}/runs/${body.run.id}/stream`;
    let offset = "-1";
    let text = "";
    let opened = 0;
    for (let closed = false; !closed;) {
      const poll = await server.get(`${path}?live=long-poll&offset=${encodeURIComponent(offset)}`);
      expect(poll.status).toBe(200);
      expect(poll.headers.get("stream-cursor")).toMatch(/^\d+$/);
      text += textOf(poll.body);
      offset = poll.headers.get("stream-next-offset") ?? offset;
      closed = poll.headers.get("stream-closed") === "true";
      if (text === "One" && opened === 0) gates[opened++]?.resolve();
      if (text === "One two" && opened === 1) gates[opened++]?.resolve();
    }
    expect(text).toBe("One two three");
  });

  test("live=sse sends data and control events until the run ends, from any offset", async () => {
    const gate = Promise.withResolvers<void>();
    const model = scriptedModel([["Hello", { wait: gate.promise }, " world"]]);
    await using server = await startServer({ store, model });
    const { body } = await server.post("/threads", { initial_message: "Go" });
    const url = `${server.url}/api/v1/runs/${body.run.id}/stream?live=sse`;
    const read = async (from: string): Promise<{ text: string; next: string }> => {
      await using events = await connectEvents(`${url}&offset=${encodeURIComponent(from)}`);
      let text = "";
      for (;;) {
        const { event, data } = await events.next();
        if (event === "data") text += textOf(data);
        else if (data.streamClosed === true || text === "Hello")
          return { text, next: data.streamNextOffset };
      }
    };
    const first = await read("-1");
    expect(first.text).toBe("Hello");
    gate.resolve();
    expect((await read(first.next)).text).toBe(" world");
    expect((await read("-1")).text).toMatch(/^Hello( world)?$/);
  });

  test("live=sse gives each frame its offset as id, and Last-Event-ID wins over offset", async () => {
    const gate = Promise.withResolvers<void>();
    const model = scriptedModel([["Hello", { wait: gate.promise }, " world"]]);
    await using server = await startServer({ store, model });
    const { body } = await server.post("/threads", { initial_message: "Go" });
    const url = `${server.url}/api/v1/runs/${body.run.id}/stream?live=sse&offset=-1`;
    let text = "";
    let seen = "";
    {
      await using events = await connectEvents(url);
      while (text !== "Hello") {
        const { data, id = "" } = await events.nextOf("data");
        text += textOf(data);
        seen = id;
      }
      const control = await events.nextOf("control");
      expect([control.id, control.data.streamNextOffset]).toEqual([seen, seen]);
    }
    gate.resolve();
    await using again = await connectEvents(url, { headers: { "last-event-id": seen } });
    while (text !== "Hello world") text += textOf((await again.nextOf("data")).data);
    await using refused = await connectEvents(url, { headers: { "last-event-id": "nonsense" } });
    expect(refused.status).toBe(400);
  });

  test("cancel keeps the partial text, and waits for the end if asked to", async () => {
    const model = scriptedModel([["Partial", { wait: new Promise(() => {}) }]]);
    await using server = await startServer({ store, model });
    const { body } = await server.post("/threads", { initial_message: "Go" });
    const runs = `/threads/${body.id}/runs`;
    await using events = await connectEvents(
      `${server.url}/api/v1${runs}/${body.run.id}/stream?live=sse&offset=-1`,
    );
    for (let text = ""; text !== "Partial";) text += textOf((await events.nextOf("data")).data);
    const cancelled = await server.post(`${runs}/${body.run.id}/cancel`, { wait: true });
    expect([cancelled.status, cancelled.body.status]).toEqual([200, "cancelled"]);
    const { body: messages } = await server.get(`/threads/${body.id}/messages`);
    expect(messages.at(-1)).toMatchObject({
      content: "Partial",
      status: "incomplete",
      reason: "cancelled",
    });
    expect((await server.get(runs)).body).toMatchObject([{ id: body.run.id, status: "cancelled" }]);
    expect((await server.get(`${runs}/${body.run.id}`)).body.status).toBe("cancelled");
    expect((await server.get(`${runs}/${body.run.id}/steps`)).body).toMatchObject([
      { run_id: body.run.id, kind: "model" },
    ]);
  });

  test("a run can be started without a new message", async () => {
    await using server = await startServer({ store });
    const { body } = await server.post("/threads", { initial_message: "Hi", run: false });
    const started = await server.post(`/threads/${body.id}/runs`, {
      agent_id: "my-agent",
      wait: true,
    });
    expect([started.status, started.body.run.status]).toEqual([201, "completed"]);
    expect(started.body.reply.message.run_id).toBe(started.body.run.id);
    const listed = await server.get(`/threads/${body.id}/runs?limit=1`);
    expect(listed.body).toHaveLength(1);
  });

  test("bad offsets and polls without one are refused", async () => {
    await using server = await startServer({ store });
    const { body } = await server.post("/threads", { initial_message: "Hi", wait: true });
    const path = `/threads/${body.id}/runs/${body.run.id}/stream`;
    const bad = await server.get(`${path}?offset=nonsense`);
    expect([bad.status, bad.body.error]).toMatchObject([
      400,
      { code: "invalid_cursor", field: "offset" },
    ]);
    const none = await server.get(`${path}?live=long-poll`);
    expect([none.status, none.body.error.field]).toEqual([400, "offset"]);
    expect((await server.get("/runs/run_unknown/stream")).status).toBe(404);
  });
});
