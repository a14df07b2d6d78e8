import { createServer, connect } from "node:net";
import type { AddressInfo } from "node:net";

const NOTIFICATION = "A".charCodeAt(0);
const HEADER_BYTES = 5;

export interface DeafProxy extends AsyncDisposable {
  readonly url: string;
}

/** Stands before PostgreSQL as a pooler does: everything goes through but notifications. */
export async function startDeafProxy(target: string): Promise<DeafProxy> {
  const url = new URL(target);
  const server = createServer((client) => {
    const upstream = connect(Number(url.port), url.hostname);
    client.pipe(upstream);
    let rest = Buffer.alloc(0);
    upstream.on("data", (bytes: Buffer) => {
      rest = Buffer.concat([rest, bytes]);
      while (rest.length >= HEADER_BYTES) {
        const length = 1 + rest.readInt32BE(1);
        if (rest.length < length) return;
        if (rest[0] !== NOTIFICATION) client.write(rest.subarray(0, length));
        rest = rest.subarray(length);
      }
    });
    const end = (): void => {
      client.destroy();
      upstream.destroy();
    };
    for (const socket of [client, upstream]) socket.on("error", end).on("close", end);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  url.port = String(port);
  url.hostname = "127.0.0.1";
  return {
    url: url.href,
    [Symbol.asyncDispose]: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
