import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { type ChatRequest, readChatRequest } from "./chat-request.ts";
import type { StubReply } from "./stub-reply.ts";
import { replyByRule } from "./stub-rules.ts";
import { writeJson, writeReply } from "./write-reply.ts";

const BODY_LIMIT_BYTES = 32 * 1024 * 1024;

/** Answers in order, or a function of the request; a string stands for its text. When the list is used up,
 *  or the function answers `undefined`, the rules answer (`say X`, `slow N`, `call NAME {json}`, …). */
export type StubScript =
  | readonly (StubReply | string)[]
  | ((request: ChatRequest, index: number) => StubReply | string | undefined);

export interface StubModelOptions {
  /** Default 0: any free port. */
  readonly port?: number;
  readonly script?: StubScript;
}

export interface StubRequest extends ChatRequest {
  /** The `Authorization` header. */
  readonly authorization: string | undefined;
  /** Resolves when the answer was sent, or the client closed the connection before. */
  readonly ended: Promise<"completed" | "aborted">;
}

export interface StubModel {
  /** The base URL for `SKEIN_MODEL_URL`, ending in `/v1`. */
  readonly url: string;
  /** Every chat request so far, oldest first. */
  readonly requests: readonly StubRequest[];
  /** Cuts open connections and stops listening. */
  close(): Promise<void>;
}

/** Starts an OpenAI-compatible server on 127.0.0.1 with predictable answers: `POST /v1/chat/completions`,
 *  streamed or whole, and `GET /v1/models`. For tests and for trying Skein without a provider. */
export async function startStubModel({
  port = 0,
  script,
}: StubModelOptions = {}): Promise<StubModel> {
  const requests: StubRequest[] = [];
  const seen = new Set<string>();
  let calls = 0;
  const nextCallId = (): string => `call_${++calls}`;

  const replyTo = (request: ChatRequest, index: number): StubReply => {
    const scripted = typeof script === "function" ? script(request, index) : script?.[index];
    if (scripted === undefined) return replyByRule(request, seen);
    return typeof scripted === "string" ? { text: scripted } : scripted;
  };

  const answerChat = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const request = await readBody(incoming);
    if (request === undefined) {
      writeJson(response, 400, { error: { message: "The body is not a chat request." } });
      return;
    }
    const { promise: ended, resolve } = Promise.withResolvers<"completed" | "aborted">();
    const left = new AbortController();
    response.on("close", () => {
      left.abort();
      resolve(response.writableFinished ? "completed" : "aborted");
    });
    const { authorization } = incoming.headers;
    const index = requests.push({ ...request, authorization, ended }) - 1;
    await writeReply(response, request, replyTo(request, index), nextCallId, left.signal);
  };

  const answer = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { pathname } = new URL(incoming.url ?? "/", "http://stub");
    if (incoming.method === "POST" && pathname === "/v1/chat/completions")
      await answerChat(incoming, response);
    else if (incoming.method === "GET" && pathname === "/v1/models")
      writeJson(response, 200, {
        object: "list",
        data: [{ id: "stub", object: "model", created: 0, owned_by: "skein" }],
      });
    else writeJson(response, 404, { error: { message: `No such path: ${pathname}` } });
  };

  const server = createServer((incoming, response) => {
    answer(incoming, response).catch((error: unknown) => {
      if (response.headersSent) response.destroy();
      else writeJson(response, 500, { error: { message: String(error) } });
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  const address = server.address();
  const actualPort = typeof address === "object" && address !== null ? address.port : port;
  return {
    url: `http://127.0.0.1:${actualPort}/v1`,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function readBody(incoming: IncomingMessage): Promise<ChatRequest | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming) {
    const bytes = Buffer.from(chunk);
    size += bytes.byteLength;
    if (size > BODY_LIMIT_BYTES) return undefined;
    chunks.push(bytes);
  }
  try {
    return readChatRequest(JSON.parse(Buffer.concat(chunks).toString("utf8")));
  } catch {
    return undefined;
  }
}
