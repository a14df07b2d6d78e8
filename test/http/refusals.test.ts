import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Loose } from "./loose.ts";
import { rawRequest } from "./raw-request.ts";
import { long, messagesOf } from "./refusal.ts";
import { REFUSED_BODIES } from "./refused-bodies.ts";
import { REFUSED_URLS } from "./refused-urls.ts";
import { startServer } from "./server.ts";
import type { TestServer } from "./server.ts";

let server: TestServer;
let thread: string;
beforeAll(async () => {
  server = await startServer();
  thread = (await server.post("/threads", { title: "Stays as it is" })).body.id;
});
afterAll(() => server.close());

describe("bad input is refused with a status, a code and the field, and changes nothing", () => {
  test.each([...REFUSED_BODIES, ...REFUSED_URLS])("$name", async ({ ask, status, code, field }) => {
    const answer = await ask({ server, thread });
    expect(answer.body.error).toMatchObject({ code, ...(field !== undefined && { field }) });
    expect(answer.status).toBe(status);
    expect(answer.body.error.message.length).toBeGreaterThan(10);
    const { body } = await server.get(`/threads/${thread}`);
    expect(body).toMatchObject({ title: "Stays as it is", message_count: 0, version: 1 });
    expect(server.faults).toEqual([]);
  });

  test("a wrong verb names the right ones, and OPTIONS answers with them", async () => {
    const wrong = await server.send(`/threads/${thread}`, { method: "PATCH" });
    expect(wrong.status).toBe(405);
    expect(wrong.headers.get("allow")).toBe("GET, PUT, DELETE, HEAD, OPTIONS");
    const options = await server.send(`/threads/${thread}`, { method: "OPTIONS" });
    expect([options.status, options.headers.get("allow")]).toEqual([
      204,
      "GET, PUT, DELETE, HEAD, OPTIONS",
    ]);
  });

  test("HEAD answers like GET, without a body", async () => {
    const head = await server.send(`/threads/${thread}`, { method: "HEAD" });
    expect([head.status, head.body]).toEqual([200, ""]);
    expect(head.headers.get("etag")).toBe('"1"');
    const events = await server.send(`/threads/${thread}/events`, { method: "HEAD" });
    expect(events.status).toBe(200);
  });

  test("a chunked body over the limit is cut off", async () => {
    const body = new ReadableStream({
      pull(controller) {
        controller.enqueue(new TextEncoder().encode(long(1_000_000)));
      },
    });
    const response = await fetch(`${server.url}/api/v1${messagesOf(thread)}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body,
      duplex: "half",
    }).then(
      async (answer) => [answer.status, ((await answer.json()) as Loose).error.code],
      // The server may close the connection before the client has read the answer.
      () => "closed",
    );
    expect([[413, "body_too_large"], "closed"]).toContainEqual(response);
    expect((await server.get("/health")).status).toBe(200);
  });

  test("a small chunked body is read", async () => {
    const { hostname, port } = new URL(server.url);
    const head = `POST /api/v1/threads HTTP/1.1\r\nHost: ${hostname}:${port}\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n`;
    const answer = await rawRequest(
      server.url,
      `${head}7\r\n{"title\r\n8\r\n":"Hi"} \r\n0\r\n\r\n`,
    );
    expect(answer.status).toBe(201);
    expect(answer.body).toContain('"title":"Hi"');
  });
});

describe("requests that are hardly HTTP get the usual body", () => {
  test("a URL over the limit of the header", async () => {
    const host = new URL(server.url).host;
    const answer = await rawRequest(
      server.url,
      `GET /api/v1/threads/${long(100_000)} HTTP/1.1\r\nHost: ${host}\r\n\r\n`,
    );
    expect(answer.status).toBe(431);
    expect(JSON.parse(answer.body).error.code).toBe("limit_exceeded");
  });

  test("bytes that are no request", async () => {
    const answer = await rawRequest(server.url, "hello\r\n\r\n");
    expect(answer.status).toBe(400);
    expect(JSON.parse(answer.body).error.code).toBe("invalid_request");
  });

  test.each([
    ["no Host", ""],
    ["a Host that is none", "Host: a b\r\n"],
    ["a Host of elsewhere", "Host: evil.example\r\n"],
  ])("%s", async (_name, host) => {
    const answer = await rawRequest(
      server.url,
      `GET /api/v1/threads HTTP/1.1\r\n${host}Connection: close\r\n\r\n`,
    );
    expect([400, 403]).toContain(answer.status);
    expect(JSON.parse(answer.body).error.code).toMatch(/^(invalid_request|origin_refused)$/);
  });
});
