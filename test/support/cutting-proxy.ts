import { createServer, connect, type AddressInfo, type Socket } from "node:net";
import { once } from "node:events";

export interface CuttingProxy extends AsyncDisposable {
  /** The address with the proxy in the place of the server. */
  readonly url: string;
  /** Cuts the connection when the server answers the next request that has this text, before the answer comes through. */
  cutAnswerTo(text: string): void;
  readonly cuts: number;
}

/** A proxy before a server that can lose the acknowledgement of what the server has done. */
export async function startCuttingProxy(serverUrl: string): Promise<CuttingProxy> {
  const target = new URL(serverUrl);
  const sockets = new Set<Socket>();
  let wanted: string | undefined;
  let cuts = 0;
  const listener = createServer((client) => {
    const server = connect(Number(target.port), target.hostname);
    let isDoomed = false;
    for (const socket of [client, server]) {
      sockets.add(socket);
      socket.on("error", () => undefined);
      socket.once("close", () => {
        sockets.delete(socket);
        client.destroy();
        server.destroy();
      });
    }
    client.on("data", (data) => {
      if (wanted !== undefined && data.includes(wanted)) {
        wanted = undefined;
        isDoomed = true;
      }
      server.write(data);
    });
    server.on("data", (data) => {
      if (!isDoomed) {
        client.write(data);
        return;
      }
      cuts += 1;
      client.destroy();
    });
  });
  listener.listen(0, "127.0.0.1");
  await once(listener, "listening");
  const { port }: AddressInfo = listener.address() as AddressInfo;
  const url = new URL(serverUrl);
  url.host = `127.0.0.1:${port}`;
  return {
    url: url.href,
    cutAnswerTo: (text) => {
      wanted = text;
    },
    get cuts() {
      return cuts;
    },
    [Symbol.asyncDispose]: async () => {
      listener.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
