import { connect } from "node:net";
import { afterEach, describe, expect, test, vi } from "vitest";
import { createSkein } from "../../src/agents/create-skein.ts";
import { createApp } from "../../src/http/app.ts";
import { createAuth } from "../../src/http/auth.ts";
import { streamEvents } from "../../src/http/sse.ts";
import { memoryStore } from "../../src/store/memory/memory-store.ts";
import { scriptedModel } from "../../src/testing/scripted-model.ts";
import { connectEvents } from "./event-client.ts";
import { rawRequest } from "./raw-request.ts";
import { startServer } from "./server.ts";
import type { TestServer } from "./server.ts";

const slowAnswer = (): { gate: PromiseWithResolvers<void>; server: Promise<TestServer> } => {
  const gate = Promise.withResolvers<void>();
  const model = scriptedModel([["Partial", { wait: gate.promise }, " and whole"]]);
  return { gate, server: startServer({ model }) };
};

describe("closing the server", () => {
  test("ends event streams with a comment, and everybody who waits", async () => {
    const { gate, server: starting } = slowAnswer();
    await using server = await starting;
    const { body: thread } = await server.post("/threads", { initial_message: "Go" });
    const path = `/api/v1/threads/${thread.id}`;
    const events = await connectEvents(`${server.url}${path}/events`);
    await events.nextOf("ready");
    const feed = await connectEvents(`${server.url}/api/v1/events`);
    const stream = await connectEvents(
      `${server.url}${path}/runs/${thread.run.id}/stream?live=sse`,
    );
    await stream.nextOf("data");
    const waiting = server.post(`${path}/messages`, { message: "Next", wait: true });
    const cancelling = server.get(`${path}/runs/${thread.run.id}/stream?live=long-poll&offset=now`);
    await vi.waitFor(async () => {
      expect((await server.skein.runs(thread.id)).items).toHaveLength(2);
    });
    const closed = server.close();
    await Promise.all([events.ended(), feed.ended(), stream.ended()]);
    expect(events.comments).toEqual(["the server is closing"]);
    const answer = await waiting;
    expect(answer.status).toBe(503);
    expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(0);
    const [next] = (await server.skein.runs(thread.id)).items;
    const stored = (await server.skein.messages(thread.id)).messages.at(-1);
    expect(stored?.parts).toEqual([{ type: "text", text: "Next" }]);
    expect(answer.body.error).toEqual({
      code: "overloaded",
      message: "The server is closing. The message is stored. The run goes on after the restart.",
      details: { thread_id: thread.id, message_id: stored?.id, run_id: next?.id },
    });
    expect((await cancelling).status).toBeLessThan(300);
    gate.resolve();
    await closed;
    await expect(fetch(server.url)).rejects.toThrow("fetch failed");
  });

  test("twice is once, and a request that hangs is cut off after the grace", async () => {
    await using server = await startServer();
    const { hostname, port } = new URL(server.url);
    const socket = connect(Number(port), hostname);
    const gone = new Promise((resolve) => socket.on("close", resolve));
    socket.on("error", () => {});
    socket.write(
      `POST /api/v1/threads HTTP/1.1\r\nHost: ${hostname}:${port}\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{`,
    );
    await server.get("/health");
    const [first, second] = [server.close(50), server.close(50)];
    expect(second).toBe(first);
    await first;
    await gone;
    expect(server.faults).toEqual([]);
  });
});

describe("clients that misbehave", () => {
  test("a client that leaves in the middle of an answer leaves nothing behind", async () => {
    const rejections: unknown[] = [];
    const note = (reason: unknown): void => void rejections.push(reason);
    process.on("unhandledRejection", note);
    const { gate, server: starting } = slowAnswer();
    await using server = await starting;
    const { body: thread } = await server.post("/threads", { initial_message: "Go" });
    const path = `${server.url}/api/v1/threads/${thread.id}`;
    const leave = async (url: string, init: RequestInit = {}): Promise<void> => {
      const events = await connectEvents(url, init);
      await events.next();
      events.close();
    };
    await leave(`${path}/events?after=0`);
    await leave(`${path}/runs/${thread.run.id}/stream?live=sse`);
    await leave(`${path}/messages`, {
      method: "POST",
      headers: { "content-type": "application/json", accept: "text/event-stream" },
      body: JSON.stringify({ message: "Streamed" }),
    });
    const gone = new AbortController();
    const waiting = fetch(`${path}/messages`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ message: "Waited for", wait: true }),
      signal: gone.signal,
    }).catch(() => "left");
    await vi.waitFor(async () => {
      expect((await server.skein.runs(thread.id)).items).toHaveLength(3);
    });
    gone.abort();
    expect(await waiting).toBe("left");
    gate.resolve();
    await server.skein.waitForRun(thread.id, thread.run.id);
    expect((await server.get("/health")).status).toBe(200);
    expect(server.faults).toEqual([]);
    process.off("unhandledRejection", note);
    expect(rejections).toEqual([]);
  });

  test("a reader that does not read is disconnected, and resumes from the log", async () => {
    await using server = await startServer();
    const { body: thread } = await server.post("/threads", { title: "Loud" });
    const { hostname, port, host } = new URL(server.url);
    const socket = connect(Number(port), hostname);
    socket.on("error", () => {});
    const gone = new Promise<void>((resolve) => socket.on("close", () => resolve()));
    socket.write(`GET /api/v1/threads/${thread.id}/events HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
    let received = await new Promise<string>((resolve) => {
      socket.once("data", (chunk) => resolve(String(chunk)));
    });
    socket.pause();
    const content = "x".repeat(30_000);
    for (let n = 0; n < 60; n++)
      await server.skein.append(thread.id, {
        messages: Array.from({ length: 10 }, () => ({ content })),
      });
    socket.on("data", (chunk) => {
      received += String(chunk);
    });
    socket.resume();
    await gone;
    const ids = [...received.matchAll(/^id: (\d+)$/gm)].map(([, id]) => Number(id));
    const last = ids.at(-2) ?? 0;
    expect(last).toBeLessThan(601);
    await using again = await connectEvents(`${server.url}/api/v1/threads/${thread.id}/events`, {
      headers: { "last-event-id": String(last) },
    });
    await again.nextOf("ready");
    for (let version = last + 1; version <= 601; version++)
      expect((await again.next()).id).toBe(String(version));
  });

  test("requests one after another on one connection are answered in order", async () => {
    await using server = await startServer();
    const { host } = new URL(server.url);
    const get = (path: string, end = ""): string =>
      `GET /api/v1${path} HTTP/1.1\r\nHost: ${host}\r\n${end}\r\n`;
    const answer = await rawRequest(
      server.url,
      get("/health") + get("/threads/a%20b") + get("/nowhere", "Connection: close\r\n"),
    );
    const all = `${answer.head}\r\n\r\n${answer.body}`;
    expect([...all.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status)).toEqual([
      "200",
      "400",
      "404",
    ]);
  });
});

describe("without Node's server", () => {
  test("the app answers and streams to whatever speaks fetch", async () => {
    const skein = createSkein({ store: memoryStore(), model: "demo", env: {} });
    const app = createApp({ skein, auth: createAuth([]), info: { version: "0.0.0" } });
    const ask = (path: string, init: RequestInit = {}): Promise<Response> =>
      Promise.resolve(
        app.request(`http://localhost/api/v1${path}`, {
          ...init,
          headers: { host: "localhost", "content-type": "application/json" },
        }),
      );
    const created = await ask("/threads", { method: "POST", body: '{"id":"t"}' });
    expect(created.status).toBe(201);
    const events = await ask("/threads/t/events?after=0");
    const reader = events.body?.pipeThrough(new TextDecoderStream()).getReader();
    let text = "";
    while (!text.includes("thread.create")) text += (await reader?.read())?.value ?? "";
    expect(text).toContain("event: ready");
    await reader?.cancel();
    await skein.drain(0);
    await skein.close();
  });
});

describe("a stream of events", () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  test("beats every 15 seconds, so that proxies keep it open", async () => {
    vi.useFakeTimers();
    const { body } = streamEvents(undefined, {}, () => new Promise(() => {}));
    const reader = body?.getReader();
    vi.advanceTimersByTime(15_000);
    const { value } = (await reader?.read()) ?? {};
    expect(new TextDecoder().decode(value)).toBe(": heartbeat\n\n");
    await reader?.cancel();
  });

  test("is closed when its source fails", async () => {
    const { body } = streamEvents(undefined, {}, async (sink) => {
      sink.write(Buffer.from("event: a\ndata: 1\n\n"));
      throw new Error("gone");
    });
    expect(await new Response(body).text()).toBe("event: a\ndata: 1\n\n: error\n\n");
  });
});
