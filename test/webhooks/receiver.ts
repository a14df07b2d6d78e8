import { createServer } from "node:http";
import type { IncomingHttpHeaders, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface Received {
  readonly id: string;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly body: any;
  /** Status that it was answered with. */
  readonly status: number;
}

export type Answer = (
  received: Omit<Received, "status">,
  response: ServerResponse,
) => number | Promise<number>;

export interface Receiver extends AsyncDisposable {
  readonly url: string;
  readonly received: readonly Received[];
  /** Those that were answered with 200, as `thread:version event`. */
  readonly taken: readonly string[];
  answer: Answer;
  /** Resolves when what has come is enough. */
  until(isEnough: (received: readonly Received[]) => boolean): Promise<void>;
}

/** A real endpoint on this machine. */
export async function startReceiver(answer: Answer = () => 200): Promise<Receiver> {
  const received: Received[] = [];
  const waiting = new Set<() => void>();
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const text = Buffer.concat(chunks).toString();
      const { headers } = request;
      const one = { id: String(headers["webhook-id"]), headers, text, body: JSON.parse(text) };
      void Promise.resolve(receiver.answer(one, response)).then((status) => {
        received.push({ ...one, status });
        if (!response.headersSent) response.writeHead(status);
        response.end();
        for (const wake of waiting) wake();
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const receiver: Receiver = {
    url: `http://127.0.0.1:${port}/hook`,
    received,
    get taken() {
      return received.filter(({ status }) => status === 200).map(nameOf);
    },
    answer,
    async until(isEnough) {
      while (!isEnough(received))
        await new Promise<void>((resolve) => {
          const wake = (): void => {
            waiting.delete(wake);
            resolve();
          };
          waiting.add(wake);
        });
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return receiver;
}

export function nameOf({ body }: Pick<Received, "body">): string {
  const { thread_id: thread, entry, run, version } = body.data;
  return entry === undefined
    ? `${thread}:${version} ${body.type}`
    : `${thread}:${entry.version} ${run === undefined ? entry.op : run.status}`;
}
