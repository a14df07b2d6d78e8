import { connect, createServer } from "node:net";
import type { AddressInfo, Socket } from "node:net";
import { once } from "node:events";

export interface CountingProxy extends AsyncDisposable {
  /** The address with the proxy in the place of the server. */
  readonly url: string;
  /** How often clients have sent something and then waited for its answer. */
  readonly roundTrips: number;
  /** How many statements clients have had carried out. */
  readonly statements: number;
}

// PostgreSQL's messages begin with a letter and four bytes of length, which counts itself; the first of a connection
// has no letter.
const LETTER = 1;
const LENGTH = 4;

const EXECUTE = "E";
const QUERY = "Q";
const SYNC = "S";

/** A proxy before a PostgreSQL server that counts the messages which clients send. */
export async function startCountingProxy(serverUrl: string): Promise<CountingProxy> {
  const target = new URL(serverUrl);
  const sockets = new Set<Socket>();
  let roundTrips = 0;
  let statements = 0;
  const listener = createServer((client) => {
    const server = connect(Number(target.port), target.hostname);
    const read = messageReader((letter) => {
      if (letter === SYNC || letter === QUERY) roundTrips += 1;
      if (letter === EXECUTE || letter === QUERY) statements += 1;
    });
    for (const [socket, other] of [
      [client, server],
      [server, client],
    ] as const) {
      sockets.add(socket);
      socket.on("error", () => undefined);
      socket.once("close", () => {
        sockets.delete(socket);
        other.destroy();
      });
    }
    client.on("data", (data: Buffer) => {
      read(data);
      server.write(data);
    });
    server.on("data", (data) => client.write(data));
  });
  listener.listen(0, "127.0.0.1");
  await once(listener, "listening");
  const { port }: AddressInfo = listener.address() as AddressInfo;
  const url = new URL(serverUrl);
  url.host = `127.0.0.1:${port}`;
  return {
    url: url.href,
    get roundTrips() {
      return roundTrips;
    },
    get statements() {
      return statements;
    },
    [Symbol.asyncDispose]: async () => {
      listener.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

function messageReader(note: (letter: string) => void): (data: Buffer) => void {
  let rest: Buffer = Buffer.alloc(0);
  let isFirst = true;
  return (data) => {
    rest = Buffer.concat([rest, data]);
    for (;;) {
      const start = isFirst ? 0 : LETTER;
      if (rest.length < start + LENGTH) return;
      const size = start + rest.readUInt32BE(start);
      if (rest.length < size) return;
      if (!isFirst) note(rest.toString("latin1", 0, LETTER));
      isFirst = false;
      rest = rest.subarray(size);
    }
  };
}
