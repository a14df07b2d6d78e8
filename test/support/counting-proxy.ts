import { startForwarder } from "./forwarder.ts";
import type { Forwarder } from "./forwarder.ts";

export interface CountingProxy extends Forwarder {
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
  let roundTrips = 0;
  let statements = 0;
  const forwarder = await startForwarder(serverUrl, () => ({
    onRequest: messageReader((letter) => {
      if (letter === SYNC || letter === QUERY) roundTrips += 1;
      if (letter === EXECUTE || letter === QUERY) statements += 1;
    }),
  }));
  return {
    ...forwarder,
    get roundTrips() {
      return roundTrips;
    },
    get statements() {
      return statements;
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
