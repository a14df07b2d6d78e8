import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createSkein } from "../../src/agents/create-skein.ts";
import type { Skein } from "../../src/agents/skein.ts";
import { createApp } from "../../src/http/app.ts";
import type { App } from "../../src/http/app.ts";
import { createAuth } from "../../src/http/auth.ts";
import { serve } from "../../src/http/listen.ts";
import type { RunningServer } from "../../src/http/listen.ts";
import { memoryStore } from "../../src/store/memory/memory-store.ts";
import { rawRequest } from "./raw-request.ts";
import type { RawAnswer } from "./raw-request.ts";

let skein: Skein;
let server: RunningServer;
/** Whether each request was answered without the app. */
const plain: boolean[] = [];

beforeAll(async () => {
  skein = createSkein({ store: memoryStore(), model: "demo", env: {} });
  const app = createApp({ skein, auth: createAuth([]), info: { version: "0.0.0" } });
  const { answerPlain } = app;
  const watched: App = Object.assign(app, {
    answerPlain: (...request: Parameters<App["answerPlain"]>) => {
      const isPlain = answerPlain(...request);
      plain.push(isPlain);
      return isPlain;
    },
  });
  server = await serve({ app: watched, port: 0 });
  await skein.create({ id: "t", title: "Plain", messages: [{ content: "Hi" }] });
});

afterAll(async () => {
  await server.close();
  await skein.close();
});

interface Sent {
  readonly line: string;
  readonly headers?: readonly string[];
  readonly body?: string;
}

async function send({
  line,
  headers = [],
  body = "",
}: Sent): Promise<RawAnswer & { isPlain: boolean }> {
  const length = body === "" ? [] : [`Content-Length: ${Buffer.byteLength(body)}`];
  const head = [`${line} HTTP/1.1`, "Host: localhost", "Connection: close", ...headers, ...length];
  const answer = await rawRequest(server.url, `${head.join("\r\n")}\r\n\r\n${body}`);
  return { ...answer, isPlain: plain.pop() ?? false };
}

const JSON_TYPE = "Content-Type: application/json";
const POST = "POST /api/v1/threads/t/messages";

describe("a plain request gets the answer that the same request gets from the app", () => {
  test.each<Sent>([
    { line: "GET /api/v1/threads/t" },
    { line: "GET /api/v1/threads/t", headers: ['If-None-Match: "2"'] },
    { line: "GET /api/v1/threads?limit=1&user_id=local" },
    { line: "GET /api/v1/threads?limit=1&limit=2" },
    { line: "GET /api/v1/threads?limit=-1" },
    { line: "GET /api/v1/threads/t/messages?limit=1&order=desc" },
    { line: "GET /api/v1/threads/none" },
    { line: `GET /api/v1/threads/${"x".repeat(200)}` },
    { line: "GET /api/v1/threads/t/messages/none" },
    { line: "GET /api/v1/threads/t", headers: ["Origin: http://example.com"] },
    { line: POST, headers: [JSON_TYPE], body: '{"message":' },
    { line: POST, headers: [JSON_TYPE], body: '{"message":"x","unknown":1}' },
    { line: POST, headers: ["Content-Type: text/plain"], body: '{"message":"x"}' },
    { line: POST, headers: [JSON_TYPE] },
    { line: POST, headers: [JSON_TYPE, 'If-Match: "1"'], body: '{"message":"x","run":false}' },
    { line: POST, headers: [JSON_TYPE, "X-Skein-User: *"], body: '{"message":"x"}' },
    { line: "DELETE /api/v1/threads/none" },
  ])("$line $headers $body", async (sent) => {
    const once = await send(sent);
    const twice = await send({
      ...sent,
      headers: [...(sent.headers ?? []), "X-Any: 1", "X-Any: 2"],
    });
    expect([once.isPlain, twice.isPlain]).toEqual([true, false]);
    const withoutDate = ({ head }: RawAnswer): string => head.replace(/\r\nDate: .*/u, "");
    expect([withoutDate(once), once.body]).toEqual([withoutDate(twice), twice.body]);
  });
});

test.each([
  "GET /api/v1/threads/%74",
  "GET /api/v1/threads/x/../t",
  "GET /api/v1/threads/t/.",
  "GET //api/v1/threads/t",
  "GET /api/v1/threads/t#x",
  "GET /api/v1/none",
  "PUT /api/v1/threads",
  "HEAD /api/v1/threads/t",
  "OPTIONS /api/v1/threads/t",
  "GET http://localhost/api/v1/threads/t",
])("%s is left to the app", async (line) => {
  expect((await send({ line })).isPlain).toBe(false);
});

test("a large body and a body of unknown length are left to the app", async () => {
  const large = {
    line: POST,
    headers: [JSON_TYPE],
    body: JSON.stringify({ x: "x".repeat(70_000) }),
  };
  expect(await send(large)).toMatchObject({ isPlain: false, status: 400 });
  const chunked = await rawRequest(
    server.url,
    `${POST} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n${JSON_TYPE}\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n`,
  );
  expect([plain.pop(), chunked.status]).toEqual([false, 400]);
});

test("a message that comes in pieces is stored whole", async () => {
  const body = Buffer.from(JSON.stringify({ message: "äöü", run: false }));
  const { hostname, port } = new URL(server.url);
  const socket = connect(Number(port), hostname);
  const answered = text(socket);
  const head = [`${POST} HTTP/1.1`, "Host: localhost", "Connection: close", JSON_TYPE];
  socket.write(`${head.join("\r\n")}\r\nContent-Length: ${body.length}\r\n\r\n`);
  for (const byte of body) {
    await new Promise(setImmediate);
    socket.write(Uint8Array.of(byte));
  }
  const [, json = ""] = (await answered).split("\r\n\r\n");
  expect(plain.pop()).toBe(true);
  expect(JSON.parse(json).message.content).toBe("äöü");
});
