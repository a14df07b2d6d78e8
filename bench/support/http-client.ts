import { connect } from "node:net";
import type { Socket } from "node:net";

/** One kept-alive connection that sends requests as bytes and waits for each answer. Node's own client would take more
 *  time than the servers that are measured. */
export interface HttpConnection {
  /** Resolves with the status once the whole answer is there. */
  send(request: Uint8Array): Promise<number>;
  close(): void;
}

export async function openConnection(url: string): Promise<HttpConnection> {
  const socket = await connected(url);
  let received: Buffer = Buffer.alloc(0);
  let waiting: PromiseWithResolvers<number> | undefined;
  socket.on("data", (chunk: Buffer) => {
    received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
    const answer = answerIn(received);
    if (answer === undefined) return;
    received = received.subarray(answer.size);
    waiting?.resolve(answer.status);
  });
  socket.on("error", (error) => waiting?.reject(error));
  socket.on("close", () => waiting?.reject(new Error("The server closed the connection.")));
  return {
    send: (request) => {
      waiting = Promise.withResolvers();
      socket.write(request);
      return waiting.promise;
    },
    close: () => {
      waiting = undefined;
      socket.destroy();
    },
  };
}

export async function connected(url: string): Promise<Socket> {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port), noDelay: true });
  await new Promise<void>((resolve, reject) => {
    socket.once("connect", resolve);
    socket.once("error", reject);
  });
  return socket;
}

/** The bytes of a request with a JSON body. */
export function encodeRequest(url: string, path: string, body: object): Uint8Array {
  const json = Buffer.from(JSON.stringify(body));
  const head =
    `POST ${path} HTTP/1.1\r\nHost: ${new URL(url).host}\r\nContent-Type: application/json\r\n` +
    `Content-Length: ${json.length}\r\n\r\n`;
  return Buffer.concat([Buffer.from(head), json]);
}

interface Answer {
  readonly status: number;
  /** Of head and body, in bytes. */
  readonly size: number;
}

function answerIn(received: Buffer): Answer | undefined {
  const end = received.indexOf("\r\n\r\n");
  if (end < 0) return undefined;
  const head = received.toString("latin1", 0, end);
  const length = /\r\ncontent-length: *(\d+)/iu.exec(head)?.[1];
  if (length === undefined) throw new Error(`An answer without a length: ${head}`);
  const size = end + 4 + Number(length);
  return received.length < size ? undefined : { status: Number(head.slice(9, 12)), size };
}
