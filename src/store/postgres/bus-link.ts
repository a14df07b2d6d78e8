import { randomUUID } from "node:crypto";
import { Socket } from "node:net";
import type { Client } from "pg";
import type { ServerLink } from "../../bus/server-bus.ts";
import { loadDriver } from "./driver.ts";
import { troubleOf } from "./postgres-error.ts";

const CHANNEL = "skein_live";
const CONNECT_MS = 5_000;
const ANSWER_MS = 10_000;
const PING_EVERY_MS = 10_000;
const PING_MS = 2_000;
const PING = "ping ";
const GOODBYE_MS = 300;

export interface BusLinkOptions {
  readonly url: string;
  /** For errors; never has a password. */
  readonly name: string;
  readonly onText: (text: string) => void;
  readonly onGap: () => void;
}

/** One connection that listens and tells. */
export async function connectPostgresBus(options: BusLinkOptions): Promise<ServerLink> {
  const pg = await loadDriver();
  const socket = new Socket();
  const client = new pg.Client({
    stream: () => socket,
    connectionString: options.url,
    application_name: "skein bus",
    connectionTimeoutMillis: CONNECT_MS,
    query_timeout: ANSWER_MS,
    keepAlive: true,
  });
  // Before it is connected an error is thrown as well.
  client.on("error", () => undefined);
  const link = new PostgresLink(client, socket, options);
  try {
    await client.connect();
    // A connection that only waits keeps no process alive.
    socket.unref();
    await client.query(`LISTEN ${CHANNEL}`);
  } catch (error) {
    await link.close();
    throw troubleOf(error, options.name).error;
  }
  link.begin();
  return link;
}

class PostgresLink implements ServerLink {
  readonly #client: Client;
  readonly #socket: Socket;
  readonly #options: BusLinkOptions;
  readonly #ended = Promise.withResolvers<void>();
  readonly #ping = PING + randomUUID();
  #heardAt = 0;
  #timers: readonly NodeJS.Timeout[] = [];
  isHearing = true;

  constructor(client: Client, socket: Socket, options: BusLinkOptions) {
    this.#client = client;
    this.#socket = socket;
    this.#options = options;
    client.on("error", () => this.#ended.resolve());
    client.on("end", () => this.#ended.resolve());
    socket.on("close", () => this.#ended.resolve());
    client.on("notification", ({ channel, payload = "" }) => {
      if (channel === CHANNEL) this.#hear(payload);
    });
  }

  get ended(): Promise<void> {
    return this.#ended.promise;
  }

  /** A pooler takes LISTEN and lends the connection to others; a network may swallow everything: who listens says
   *  something now and then, and waits for hearing it. */
  begin(): void {
    const ping = (): void => {
      const saidAt = performance.now();
      this.send([this.#ping]).catch(() => this.#ended.resolve());
      const check = setTimeout(() => {
        const wasHearing = this.isHearing;
        this.isHearing = this.#heardAt >= saidAt;
        if (this.isHearing !== wasHearing) this.#options.onGap();
      }, PING_MS).unref();
      this.#timers = [interval, check];
    };
    const interval = setInterval(ping, PING_EVERY_MS).unref();
    ping();
  }

  async send(texts: readonly string[]): Promise<void> {
    await this.#client.query("SELECT pg_notify($1, told) FROM unnest($2::text[]) AS told", [
      CHANNEL,
      [...texts],
    ]);
  }

  async close(): Promise<void> {
    for (const timer of this.#timers) clearTimeout(timer);
    // The driver may wait for ever for the end of a connection that has ended.
    const goodbye = setTimeout(() => this.#socket.destroy(), GOODBYE_MS);
    void this.#client
      .end()
      .catch(() => undefined)
      .finally(() => clearTimeout(goodbye));
    await this.#ended.promise;
  }

  #hear(text: string): void {
    if (text === this.#ping) this.#heardAt = performance.now();
    if (!text.startsWith(PING)) this.#options.onText(text);
  }
}
