import type { IncomingMessage, ServerResponse } from "node:http";
import type { HeaderReader } from "./auth.ts";

/** What a route sees of a request. */
export type HttpRequest = Request | NodeRequest;

/** A request of Node's server without a web `Request` around it, for bodies that are small enough to be held. */
export class NodeRequest {
  readonly headers: HeaderReader;
  readonly #incoming: IncomingMessage;
  readonly #outgoing: ServerResponse;
  #left: AbortController | undefined;

  constructor(incoming: IncomingMessage, outgoing: ServerResponse) {
    this.#incoming = incoming;
    this.#outgoing = outgoing;
    const { headers } = incoming;
    this.headers = {
      get: (name) => {
        const value = headers[name];
        return typeof value === "string" ? value : null;
      },
    };
  }

  get method(): string {
    return this.#incoming.method ?? "GET";
  }

  /** Absolute. */
  get url(): string {
    return `http://${this.#incoming.headers.host}${this.#incoming.url}`;
  }

  /** Fires when the client leaves before it is answered. */
  get signal(): AbortSignal {
    if (this.#left !== undefined) return this.#left.signal;
    const left = new AbortController();
    const outgoing = this.#outgoing;
    const onClose = (): void => {
      if (!outgoing.writableFinished) left.abort();
    };
    if (outgoing.closed) onClose();
    else outgoing.once("close", onClose);
    this.#left = left;
    return left.signal;
  }

  /** The whole body, once. Rejects when the client leaves before it is whole. */
  bytes(): Promise<Uint8Array> {
    const incoming = this.#incoming;
    return new Promise((resolve, reject) => {
      const chunks: Buffer[] = [];
      incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
      incoming.on("end", () => {
        const [first] = chunks;
        const whole = chunks.length === 1 && first !== undefined ? first : Buffer.concat(chunks);
        // Plain bytes: a Buffer's slice would not be a copy.
        resolve(new Uint8Array(whole.buffer, whole.byteOffset, whole.byteLength));
      });
      incoming.on("error", reject);
      incoming.on("close", () => reject(new Error("The connection was closed.")));
    });
  }
}
