import { createServer } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { getRequestListener } from "@hono/node-server";
import { SkeinError } from "../model/error.ts";
import type { ErrorCode } from "../model/error-codes.ts";
import type { App } from "./app.ts";

/** Room for a long path and its query beside the headers; beyond it the answer is 431 with our body. */
const MAX_HEADER_BYTES = 65_536;

/** For the headers, and for the whole of a request with its body. */
const HEADERS_MS = 30_000;
const REQUEST_MS = 120_000;

const CLOSE_POLL_MS = 25;

export interface ServeOptions {
  readonly app: App;
  /** Default `127.0.0.1`. */
  readonly host?: string;
  /** Default 4747; 0 takes any free port. */
  readonly port?: number;
}

export interface RunningServer {
  /** For people and clients: `http://127.0.0.1:4747`. */
  readonly url: string;
  /** Stops accepting, ends event streams with a comment, and lets requests under way finish for up to `graceMs` (default 10,000).
   *  Resolves when every connection is closed. Idempotent. */
  close(graceMs?: number): Promise<void>;
}

/** Listens and answers with `app`. Rejects with the system's error when the address cannot be taken. */
export async function serve({
  app,
  host = "127.0.0.1",
  port = 4747,
}: ServeOptions): Promise<RunningServer> {
  const closing = new AbortController();
  const listener = getRequestListener(
    (request, env) => app.fetch(request, { ...env, closing: closing.signal }),
    {
      // The process's own Request and Response stay as they are.
      overrideGlobalObjects: false,
      errorHandler: () =>
        answer(400, "invalid_request", "The request line or the Host is not valid."),
    },
  );
  const server = createServer(
    // A missing Host is answered by the app, with its own body.
    {
      maxHeaderSize: MAX_HEADER_BYTES,
      requireHostHeader: false,
      headersTimeout: HEADERS_MS,
      requestTimeout: REQUEST_MS,
    },
    (incoming: IncomingMessage, outgoing: ServerResponse) => {
      incoming.on("error", () => {});
      outgoing.on("error", () => {});
      if (!app.answerPlain(incoming, outgoing, closing.signal)) void listener(incoming, outgoing);
    },
  );
  server.on("clientError", answerBrokenRequest);
  await listening(server, host, port);
  let closed: Promise<void> | undefined;
  return {
    url: urlOf(server, host),
    close: (graceMs = 10_000) => (closed ??= closeServer(server, closing, graceMs)),
  };
}

function listening(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      resolve();
    });
  });
}

function closeServer(server: Server, closing: AbortController, graceMs: number): Promise<void> {
  return new Promise((resolve) => {
    closing.abort();
    const force = setTimeout(() => server.closeAllConnections(), graceMs);
    // A connection that was busy when the closing began becomes idle later, and would be kept alive.
    const poll = setInterval(() => server.closeIdleConnections(), CLOSE_POLL_MS);
    server.close(() => {
      clearTimeout(force);
      clearInterval(poll);
      resolve();
    });
    server.closeIdleConnections();
  });
}

function urlOf(server: Server, host: string): string {
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
}

function answer(status: number, code: ErrorCode, message: string): Response {
  return new Response(bodyOf(code, message), {
    status,
    headers: { "content-type": "application/json" },
  });
}

function bodyOf(code: ErrorCode, message: string): string {
  const error = new SkeinError(code, message);
  return JSON.stringify({ error: { code: error.code, message: error.message } });
}

const BROKEN: Readonly<
  Record<string, readonly [status: string, code: ErrorCode, message: string]>
> = {
  HPE_HEADER_OVERFLOW: [
    "431 Request Header Fields Too Large",
    "limit_exceeded",
    `The path and the headers together are over the limit of ${MAX_HEADER_BYTES} bytes.`,
  ],
  ERR_HTTP_REQUEST_TIMEOUT: [
    "408 Request Timeout",
    "timeout",
    "The request did not arrive in time.",
  ],
};

/** Node answers a request that it cannot parse with a bare status; this gives it the usual body. */
function answerBrokenRequest(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (!socket.writable || error.code === "ECONNRESET") {
    socket.destroy();
    return;
  }
  const [status, code, message] = BROKEN[error.code ?? ""] ?? [
    "400 Bad Request",
    "invalid_request" as const,
    "The request is not valid HTTP.",
  ];
  const body = bodyOf(code, message);
  socket.on("error", () => {});
  socket.end(
    `HTTP/1.1 ${status}\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
}
