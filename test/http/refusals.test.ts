import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { rawRequest } from "./raw-request.ts";
import { startServer } from "./server.ts";
import type { Answer, TestServer } from "./server.ts";

let server: TestServer;
let thread: string;
beforeAll(async () => {
  server = await startServer();
  thread = (await server.post("/threads", { title: "Stays as it is" })).body.id;
});
afterAll(async () => {
  const { body } = await server.get(`/threads/${thread}`);
  expect(body).toMatchObject({ title: "Stays as it is", message_count: 0 });
  expect(server.faults).toEqual([]);
  await server.close();
});

const messages = (): string => `/threads/${thread}/messages`;
const long = (count: number): string => "x".repeat(count);
const deep = (levels: number): string => `${"[".repeat(levels)}${"]".repeat(levels)}`;

interface Refusal {
  readonly name: string;
  readonly ask: () => Promise<Answer>;
  readonly status: number;
  readonly code: string;
  readonly field?: string;
}

const postRaw =
  (path: () => string, body: string | Uint8Array, type = "application/json") =>
  () =>
    server.send(path(), {
      method: "POST",
      headers: { "content-type": type },
      body: body as string,
    });

const REFUSALS: readonly Refusal[] = [
  { name: "malformed JSON", ask: postRaw(messages, "{"), status: 400, code: "invalid_json" },
  { name: "an empty body", ask: postRaw(messages, ""), status: 400, code: "invalid_json" },
  {
    name: "JSON that is not UTF-8",
    ask: postRaw(messages, new Uint8Array([0x22, 0xff, 0x22])),
    status: 400,
    code: "invalid_json",
  },
  {
    name: "a body that is a list",
    ask: postRaw(messages, "[]"),
    status: 400,
    code: "invalid_request",
  },
  {
    name: "a body that is nested too deeply",
    ask: postRaw(messages, `{"message":"x","metadata":{"a":${deep(100)}}}`),
    status: 400,
    code: "invalid_request",
  },
  {
    name: "a body that is nested beyond every stack",
    ask: postRaw(messages, deep(1_000_000)),
    status: 400,
    code: "invalid_request",
  },
  {
    name: "a key __proto__",
    ask: postRaw(messages, '{"message":"x","metadata":{"__proto__":{"a":1}}}'),
    status: 400,
    code: "invalid_request",
    field: "__proto__",
  },
  {
    name: "a body of another type",
    ask: postRaw(messages, "message=x", "application/x-www-form-urlencoded"),
    status: 415,
    code: "unsupported_media_type",
    field: "Content-Type",
  },
  {
    name: "a body that says text/plain",
    ask: postRaw(messages, '{"message":"x"}', "text/plain"),
    status: 415,
    code: "unsupported_media_type",
  },
  {
    name: "a message of a wrong type",
    ask: () => server.post(messages(), { message: 5 }),
    status: 400,
    code: "invalid_request",
    field: "message",
  },
  {
    name: "a missing message",
    ask: () => server.post(messages(), {}),
    status: 400,
    code: "invalid_request",
    field: "message",
  },
  {
    name: "an empty message",
    ask: () => server.post(messages(), { message: "" }),
    status: 400,
    code: "invalid_request",
    field: "message",
  },
  {
    name: "a wrong type inside a part",
    ask: () => server.post(messages(), { message: [{ type: "text", text: 1 }] }),
    status: 400,
    code: "invalid_request",
    field: "message[0].text",
  },
  {
    name: "a part of an unknown type",
    ask: () => server.post(messages(), { message: [{ type: "hologram" }] }),
    status: 400,
    code: "invalid_request",
    field: "message[0].type",
  },
  {
    name: "a file with a URL that is none",
    ask: () =>
      server.post(messages(), {
        message: [
          { type: "file", media_type: "image/png", source: { kind: "url", url: "javascript:x" } },
        ],
      }),
    status: 400,
    code: "invalid_request",
    field: "message[0].source.url",
  },
  {
    name: "an unknown field",
    ask: () => server.post(messages(), { message: "x", mesage: "y" }),
    status: 400,
    code: "unknown_field",
    field: "mesage",
  },
  {
    name: "an unknown field of a part",
    ask: () => server.post(messages(), { message: [{ type: "text", text: "x", colour: "red" }] }),
    status: 400,
    code: "unknown_field",
    field: "message[0].colour",
  },
  {
    name: "an unknown field in an update",
    ask: () => server.put(`/threads/${thread}`, { owner: "me" }),
    status: 400,
    code: "unknown_field",
    field: "owner",
  },
  {
    name: "an unknown query parameter",
    ask: () => server.get("/threads?agnet_id=x"),
    status: 400,
    code: "unknown_field",
    field: "agnet_id",
  },
  {
    name: "a query parameter given twice",
    ask: () => server.get("/threads?limit=1&limit=2"),
    status: 400,
    code: "invalid_request",
    field: "limit",
  },
  {
    name: "a limit of nothing",
    ask: () => server.get("/threads?limit=0"),
    status: 400,
    code: "invalid_request",
    field: "limit",
  },
  {
    name: "a limit that is too large",
    ask: () => server.get(`${messages()}?limit=201`),
    status: 400,
    code: "invalid_request",
    field: "limit",
  },
  {
    name: "a limit that is no number",
    ask: () => server.get("/threads?limit=1e2"),
    status: 400,
    code: "invalid_request",
    field: "limit",
  },
  {
    name: "a date that is none",
    ask: () => server.get("/threads?from_date=yesterday"),
    status: 400,
    code: "invalid_request",
    field: "from_date",
  },
  {
    name: "a cursor that is garbage",
    ask: () => server.get("/threads?cursor=abc"),
    status: 400,
    code: "invalid_cursor",
    field: "cursor",
  },
  {
    name: "broken percent-encoding in a path",
    ask: () => server.get("/threads/%zz"),
    status: 400,
    code: "invalid_request",
  },
  {
    name: "percent-encoding in a path that is not UTF-8",
    ask: () => server.get("/threads/%ff%fe"),
    status: 400,
    code: "invalid_request",
  },
  {
    name: "broken percent-encoding in a query",
    ask: () => server.get("/threads?tag=%zz"),
    status: 400,
    code: "invalid_request",
  },
  {
    name: "an id with a space in the path",
    ask: () => server.get("/threads/a%20b"),
    status: 400,
    code: "invalid_id",
    field: "thread_id",
  },
  {
    name: "an id with a slash in the path",
    ask: () => server.get("/threads/a%2Fb"),
    status: 400,
    code: "invalid_id",
    field: "thread_id",
  },
  {
    name: "an id with a line break in the path",
    ask: () => server.get(`${messages()}/a%0Ab`),
    status: 400,
    code: "invalid_id",
    field: "message_id",
  },
  {
    name: "an id over the limit in the path",
    ask: () => server.get(`/threads/${long(129)}`),
    status: 400,
    code: "invalid_id",
    field: "thread_id",
  },
  {
    name: "an id far over the limit in the path",
    ask: () => server.get(`/threads/${long(30_000)}`),
    status: 400,
    code: "invalid_id",
    field: "thread_id",
  },
  {
    name: "a chosen id over the limit",
    ask: () => server.post("/threads", { id: long(129) }),
    status: 400,
    code: "invalid_id",
    field: "id",
  },
  {
    name: "a chosen id with a control character",
    ask: () => server.post("/threads", { id: "a\u0007b" }),
    status: 400,
    code: "invalid_id",
    field: "id",
  },
  {
    name: "a chosen id that every client resolves away",
    ask: () => server.post("/threads", { id: ".." }),
    status: 400,
    code: "invalid_id",
    field: "id",
  },
  {
    name: "a title with a control character",
    ask: () => server.post("/threads", { title: "a\u0000b" }),
    status: 400,
    code: "invalid_text",
    field: "title",
  },
  {
    name: "a title over the limit",
    ask: () => server.post("/threads", { title: long(501) }),
    status: 400,
    code: "limit_exceeded",
    field: "title",
  },
  {
    name: "a tag with a line break",
    ask: () => server.put(`/threads/${thread}`, { tags: ["a\nb"] }),
    status: 400,
    code: "invalid_text",
    field: "tags",
  },
  {
    name: "NUL in a message",
    ask: () => server.post(messages(), { message: "a\u0000b" }),
    status: 400,
    code: "invalid_text",
    field: "message",
  },
  {
    name: "half a surrogate pair in a message",
    ask: () => server.post(messages(), { message: "a\ud800b" }),
    status: 400,
    code: "invalid_text",
    field: "message",
  },
  {
    name: "NUL in a query",
    ask: () => server.get("/search?q=a%00b"),
    status: 400,
    code: "invalid_text",
    field: "q",
  },
  {
    name: "metadata with too many keys",
    ask: () =>
      server.post("/threads", {
        metadata: Object.fromEntries(Array.from({ length: 65 }, (_, key) => [`k${key}`, 1])),
      }),
    status: 400,
    code: "metadata_too_large",
    field: "metadata",
  },
  {
    name: "metadata with a long key",
    ask: () => server.post("/threads", { metadata: { [long(65)]: 1 } }),
    status: 400,
    code: "metadata_too_large",
    field: "metadata",
  },
  {
    name: "metadata over the size",
    ask: () => server.put(`/threads/${thread}`, { metadata: { a: long(16_400) } }),
    status: 400,
    code: "metadata_too_large",
    field: "metadata",
  },
  {
    name: "metadata that is no object",
    ask: () => server.post("/threads", { metadata: [1] }),
    status: 400,
    code: "invalid_request",
    field: "metadata",
  },
  {
    name: "a body over the limit",
    ask: () => server.post(messages(), { message: long(8_400_000) }),
    status: 413,
    code: "body_too_large",
  },
  {
    name: "an unknown thread",
    ask: () => server.get("/threads/th_unknown"),
    status: 404,
    code: "thread_not_found",
  },
  {
    name: "a message for an unknown thread that must not be made",
    ask: () => server.post("/threads/th_no/messages", { message: "x", if_missing: "error" }),
    status: 404,
    code: "thread_not_found",
  },
  {
    name: "an unknown message",
    ask: () => server.get(`${messages()}/msg_unknown`),
    status: 404,
    code: "message_not_found",
  },
  {
    name: "an unknown run",
    ask: () => server.get(`/threads/${thread}/runs/run_unknown`),
    status: 404,
    code: "run_not_found",
  },
  {
    name: "an unknown branch",
    ask: () => server.get(`${messages()}?branch=nope`),
    status: 404,
    code: "branch_not_found",
  },
  {
    name: "an unknown agent in create",
    ask: () => server.post("/threads", { agent_id: "nobody", initial_message: "x" }),
    status: 400,
    code: "agent_not_found",
  },
  {
    name: "an unknown agent in a message",
    ask: () => server.post(messages(), { message: "x", agent_id: "nobody" }),
    status: 400,
    code: "agent_not_found",
  },
  {
    name: "an unknown route",
    ask: () => server.get("/treads"),
    status: 404,
    code: "route_not_found",
  },
  {
    name: "a route outside of the wire",
    ask: () => server.get("/api/v2/threads"),
    status: 404,
    code: "route_not_found",
  },
  {
    name: "a wrong verb",
    ask: () => server.send("/threads", { method: "DELETE" }),
    status: 405,
    code: "method_not_allowed",
  },
  {
    name: "an If-Match that is none",
    ask: () => server.put(`/threads/${thread}`, { title: "x" }, { "if-match": "12" }),
    status: 400,
    code: "invalid_request",
    field: "If-Match",
  },
  {
    name: "an idempotency key with spaces",
    ask: () => server.post("/threads", {}, { "idempotency-key": "a b" }),
    status: 400,
    code: "invalid_id",
    field: "Idempotency-Key",
  },
  {
    name: "a Last-Event-ID that is none",
    ask: () => server.get(`/threads/${thread}/events`, { "last-event-id": "abc" }),
    status: 400,
    code: "invalid_request",
    field: "Last-Event-ID",
  },
  {
    name: "a cursor of the feed that is none",
    ask: () => server.get("/events?after=abc"),
    status: 400,
    code: "invalid_cursor",
  },
  {
    name: "a blob whose hash is another",
    ask: () => server.send(`/blobs/${"0".repeat(64)}`, { method: "PUT", body: "x" }),
    status: 400,
    code: "invalid_request",
    field: "sha256",
  },
  {
    name: "a blob id that is no hash",
    ask: () => server.get("/blobs/abc"),
    status: 400,
    code: "invalid_id",
    field: "sha256",
  },
  {
    name: "an unknown blob",
    ask: () => server.get(`/blobs/${"0".repeat(64)}`),
    status: 404,
    code: "blob_not_found",
  },
  {
    name: "two users in one request",
    ask: () => server.post("/threads", { user_id: "alice" }, { "x-skein-user": "bob" }),
    status: 400,
    code: "invalid_request",
    field: "user_id",
  },
];

describe("bad input is refused with a status, a code and the field, and changes nothing", () => {
  test.each(REFUSALS)("$name", async ({ ask, status, code, field }) => {
    const answer = await ask();
    expect(answer.body.error).toMatchObject({ code, ...(field !== undefined && { field }) });
    expect(answer.status).toBe(status);
    expect(answer.body.error.message.length).toBeGreaterThan(10);
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
    const response = await fetch(`${server.url}/api/v1${messages()}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body,
      duplex: "half",
    } as RequestInit).then(
      async (answer) => [answer.status, (await answer.json()).error.code],
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
