import { connect, createServer } from "node:net";
import type { AddressInfo, Socket } from "node:net";

/** What lies between a client and its database server. */
export interface Cable extends AsyncDisposable {
  /** The server's URL, through the cable. */
  readonly url: string;
  /** The answer to the next request that has these words does not arrive: the server has carried it out, and the
   *  connection is cut. */
  loseAnswerTo(words: RegExp): void;
  /** From the next lost answer on, nobody gets through for so long. */
  breakFor(milliseconds: number): void;
  /** Every answer of which `lose` says so is lost that way. Counts requests that have the words, from 1. */
  loseAnswersTo(words: RegExp, lose: (number: number) => boolean): void;
  /** Cuts every connection. */
  cut(): void;
  /** Answers that were lost so far. */
  readonly lost: () => number;
}

/** Lays a cable in front of the server of an URL. */
export async function layCable(url: string): Promise<Cable> {
  const target = new URL(url);
  const sockets = new Set<Socket>();
  let words = /(?!)/u;
  let lose: (number: number) => boolean = () => false;
  let seen = 0;
  let lost = 0;
  let breakMs = 0;
  let brokenUntil = 0;
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  const cable = createServer((near) => {
    if (performance.now() < brokenUntil) return void near.destroy();
    const far = connect(Number(target.port), target.hostname);
    let isLosing = false;
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.setNoDelay(true);
      socket.on("error", () => undefined);
      socket.on("close", () => sockets.delete(socket));
    }
    near.on("data", (data) => {
      // A password or a message is not searched for words: what counts are those of the protocol.
      if (words.test(data.toString("latin1"))) isLosing ||= lose((seen += 1));
      far.write(data);
    });
    far.on("data", (data) => {
      if (!isLosing) return void near.write(data);
      lost += 1;
      brokenUntil = performance.now() + breakMs;
      near.destroy();
      far.destroy();
      if (breakMs > 0) cut();
    });
    near.on("close", () => far.destroy());
    far.on("close", () => near.destroy());
  });
  await new Promise<void>((resolve) => cable.listen(0, "127.0.0.1", resolve));
  const address: AddressInfo | string | null = cable.address();
  const through = new URL(url);
  through.port = String(typeof address === "object" ? address?.port : "");
  return {
    url: through.href,
    loseAnswerTo(given) {
      let isDone = false;
      words = given;
      lose = () => !isDone && (isDone = true);
    },
    loseAnswersTo(given, choose) {
      words = given;
      lose = choose;
      seen = 0;
    },
    breakFor(milliseconds) {
      breakMs = milliseconds;
    },
    cut,
    lost: () => lost,
    async [Symbol.asyncDispose]() {
      cut();
      await new Promise((resolve) => cable.close(resolve));
    },
  };
}
