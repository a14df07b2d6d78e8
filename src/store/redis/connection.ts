import { setTimeout as sleep } from "node:timers/promises";
import { loadDriver } from "./driver.ts";
import type { Driver } from "./driver.ts";
import { storeClosed, troubleOf } from "./redis-error.ts";
import type { Place } from "./redis-url.ts";
import type { Reply } from "./reply.ts";
import type { Script } from "./script.ts";

export type Argument = string | Buffer;
type Client = ReturnType<Driver["createClient"]>;

// A server that restarts, or whose replica takes over, is back within this time.
const PATIENCE_MS = 10_000;
const CONNECT_MS = 5_000;
// A server that is there and does not answer for this long is taken for lost.
const ANSWER_MS = 15_000;
const LONGEST_PAUSE_MS = 200;

/** One connection to the server, made again when it breaks. A call that met a broken connection is repeated for a while;
 *  whoever gives its arguments learns that it may have been carried out before. */
export class Connection {
  readonly #place: Place;
  readonly #onConnect: (connection: Connection) => Promise<void>;
  #driver: Driver | undefined;
  #client: Promise<Client> | undefined;
  #wasConnected = false;
  #isClosed = false;

  /** @param onConnect  what has to be done on every new connection before it is used */
  constructor(place: Place, onConnect: (connection: Connection) => Promise<void>) {
    this.#place = place;
    this.#onConnect = onConnect;
  }

  async run(
    script: Script,
    keys: string,
    args: readonly Argument[] | ((isRepeated: boolean) => readonly Argument[]),
    isBinary: boolean = false,
  ): Promise<Reply> {
    return this.#repeating(async (client, isRepeated) => {
      const given = typeof args === "function" ? args(isRepeated) : args;
      const rest = ["1", keys, ...given];
      try {
        return await this.#send(client, ["EVALSHA", script.sha1, ...rest], isBinary);
      } catch (error) {
        if (!(error instanceof Error) || !error.message.startsWith("NOSCRIPT")) throw error;
        return await this.#send(client, ["EVAL", script.text, ...rest], isBinary);
      }
    });
  }

  /** A command that may be repeated. */
  async command(...args: readonly string[]): Promise<Reply> {
    return this.#repeating((client) => this.#send(client, args, false));
  }

  /** A command that is not worth waiting for: without a connection it is left out. */
  async tell(...args: readonly string[]): Promise<void> {
    try {
      const client = await this.#client;
      if (client !== undefined) await this.#send(client, args, false);
    } catch {
      // Who cannot be told finds out by itself.
    }
  }

  /** Whoever is under way is refused; the store waits for its calls first. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const client = await this.#client?.catch(() => undefined);
    this.#client = undefined;
    client?.destroy();
  }

  async #repeating(work: (client: Client, isRepeated: boolean) => Promise<Reply>): Promise<Reply> {
    const patience = this.#wasConnected ? PATIENCE_MS : 0;
    const end = performance.now() + patience;
    let isRepeated = false;
    for (let pause = 10; ; pause = Math.min(2 * pause, LONGEST_PAUSE_MS)) {
      let client: Client | undefined;
      try {
        client = await this.#connected();
        return await work(client, isRepeated);
      } catch (error) {
        const trouble = troubleOf(error, this.#driver, this.#place.name);
        if (trouble.isLost && client !== undefined) {
          this.#drop(client);
          isRepeated = true;
        }
        if (!trouble.isPassing || performance.now() + pause > end) throw trouble.error;
      }
      await sleep(pause);
    }
  }

  #connected(): Promise<Client> {
    if (this.#isClosed) throw storeClosed(this.#place.name);
    this.#client ??= this.#connect().catch((error: unknown) => {
      this.#client = undefined;
      throw error;
    });
    return this.#client;
  }

  async #connect(): Promise<Client> {
    const driver = (this.#driver ??= await loadDriver());
    const client: Client = driver.createClient({
      url: this.#place.url,
      RESP: 2,
      socket: { connectTimeout: CONNECT_MS, reconnectStrategy: false },
      disableOfflineQueue: true,
      maintNotifications: "disabled",
      disableClientInfo: true,
    });
    client.on("error", () => this.#drop(client));
    await client.connect();
    try {
      await this.#onConnect(this.#over(client));
    } catch (error) {
      client.destroy();
      throw error;
    }
    this.#wasConnected = true;
    return client;
  }

  /** Calls over a connection that others do not use yet. */
  #over(client: Client): Connection {
    const connection = new Connection(this.#place, async () => undefined);
    connection.#driver = this.#driver;
    connection.#client = Promise.resolve(client);
    return connection;
  }

  #drop(client: Client): void {
    const dropped = this.#client;
    void dropped?.then(
      (current) => {
        if (current === client && this.#client === dropped) this.#client = undefined;
      },
      () => undefined,
    );
    if (client.isOpen) client.destroy();
  }

  async #send(client: Client, args: readonly Argument[], isBinary: boolean): Promise<Reply> {
    const driver = this.#driver;
    const answer = client.sendCommand<Reply>(
      [...args],
      isBinary && driver !== undefined
        ? { typeMapping: { [driver.RESP_TYPES.BLOB_STRING]: Buffer } }
        : {},
    );
    const timer = setTimeout(() => this.#drop(client), ANSWER_MS);
    try {
      return await answer;
    } finally {
      clearTimeout(timer);
    }
  }
}
