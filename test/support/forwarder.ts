import { once } from "node:events";
import { connect, createServer } from "node:net";
import type { Socket } from "node:net";

/** What happens on the way of one connection. */
export interface Passage {
  readonly onRequest?: (data: Buffer) => void;
  /** What goes on to the client of what the server sent; `"cut"`: nothing, and the connection ends. */
  readonly onAnswer?: (data: Buffer) => Buffer | "cut";
}

/** Stands before a server and passes everything on. */
export interface Forwarder extends AsyncDisposable {
  /** The server's URL, with the forwarder in its place. */
  readonly url: string;
  /** Ends every connection. */
  cut(): void;
}

/** @param connected  called for every connection; `"refuse"` lets nobody through */
export async function startForwarder(
  serverUrl: string,
  connected: () => Passage | "refuse" = () => ({}),
): Promise<Forwarder> {
  const target = new URL(serverUrl);
  const sockets = new Set<Socket>();
  const listener = createServer((client) => {
    const passage = connected();
    if (passage === "refuse") return void client.destroy();
    const { onRequest, onAnswer } = passage;
    const server = connect(Number(target.port), target.hostname);
    const end = (): void => {
      client.destroy();
      server.destroy();
    };
    for (const socket of [client, server]) {
      sockets.add(socket);
      socket.setNoDelay(true);
      socket.on("error", () => undefined);
      socket.on("close", () => {
        sockets.delete(socket);
        end();
      });
    }
    client.on("data", (data: Buffer) => {
      onRequest?.(data);
      server.write(data);
    });
    server.on("data", (data: Buffer) => {
      const passed = onAnswer === undefined ? data : onAnswer(data);
      if (passed === "cut") end();
      else client.write(passed);
    });
  });
  listener.listen(0, "127.0.0.1");
  await once(listener, "listening");
  const address = listener.address();
  const url = new URL(serverUrl);
  url.host = `127.0.0.1:${typeof address === "object" ? address?.port : ""}`;
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    url: url.href,
    cut,
    [Symbol.asyncDispose]: async () => {
      cut();
      await new Promise((resolve) => listener.close(resolve));
    },
  };
}
