import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import type { Bindings } from "./bindings.ts";

/** An answer in one piece. On Node's server it is written as it is: a `Response` around it would cost about 10 µs. */
export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array<ArrayBuffer> | null;
}

/** Sends a reply, or passes on a response that streams. */
export function send(answer: Reply | Response, bindings: Bindings | undefined): Response {
  if (isResponse(answer)) return answer;
  const { status, headers, body } = answer;
  const outgoing = bindings?.outgoing;
  if (outgoing === undefined) return new Response(body, { status, headers });
  // Who has left meanwhile gets nothing; writing would be ignored.
  if (outgoing.headersSent || outgoing.destroyed) return RESPONSE_ALREADY_SENT;
  if (body === null) outgoing.writeHead(status, headers).end();
  else {
    const length = typeof body === "string" ? Buffer.byteLength(body) : body.byteLength;
    outgoing.writeHead(status, { ...headers, "content-length": length }).end(body);
  }
  return RESPONSE_ALREADY_SENT;
}

function isResponse(answer: Reply | Response): answer is Response {
  return "arrayBuffer" in answer;
}
