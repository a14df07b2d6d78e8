import type { ServerLink } from "../../bus/server-bus.ts";
import { loadDriver } from "./driver.ts";
import type { Driver } from "./driver.ts";
import { troubleOf } from "./redis-error.ts";
import type { Place } from "./redis-url.ts";
import { listOf, textOf } from "./reply.ts";
import type { Reply } from "./reply.ts";

type Client = ReturnType<Driver["createClient"]>;

const CONNECT_MS = 5_000;
const BLOCK_MS = 5_000;
// A server that is there and does not answer for this long is taken for lost.
const ANSWER_MS = 10_000;
const READ_AT_ONCE = 500;
/** What is older than this a reader that lost its connection reads from the store. Text is a copy of what may be erased
 *  there, so it must not stay. */
const KEPT_MS = 60_000;
const MOST_ITEMS = 5_000;
const NOTHING = "0-0";

export interface BusLinkOptions {
  readonly place: Place;
  /** How far the stream was heard; goes from one connection to the next. */
  readonly position: { lastId: string | undefined };
  readonly onText: (text: string) => void;
  readonly onGap: () => void;
}

/** Two connections: one tells, and one waits for what others say. */
export async function connectRedisBus(options: BusLinkOptions): Promise<ServerLink> {
  const driver = await loadDriver();
  const clients = [newClient(driver, options.place), newClient(driver, options.place)] as const;
  const link = new RedisLink(clients[0], clients[1], options);
  try {
    await Promise.all(clients.map((client) => client.connect()));
    await link.begin();
  } catch (error) {
    await link.close();
    throw troubleOf(error, driver, options.place.name).error;
  }
  return link;
}

function newClient({ createClient }: Driver, { url }: Place): Client {
  return createClient({
    url,
    RESP: 2,
    socket: { connectTimeout: CONNECT_MS, reconnectStrategy: false },
    disableOfflineQueue: true,
    maintNotifications: "disabled",
    disableClientInfo: true,
  });
}

class RedisLink implements ServerLink {
  readonly #teller: Client;
  readonly #hearer: Client;
  readonly #options: BusLinkOptions;
  readonly #key: string;
  readonly #ended = Promise.withResolvers<void>();
  #isClosed = false;
  readonly isHearing = true;

  constructor(teller: Client, hearer: Client, options: BusLinkOptions) {
    this.#teller = teller;
    this.#hearer = hearer;
    this.#options = options;
    this.#key = `${options.place.prefix}:live`;
    for (const client of [teller, hearer]) {
      client.on("error", () => this.#ended.resolve());
      client.on("end", () => this.#ended.resolve());
    }
  }

  get ended(): Promise<void> {
    return this.#ended.promise;
  }

  async begin(): Promise<void> {
    const newest = idOf(await ask(this.#hearer, "XREVRANGE", this.#key, "+", "-", "COUNT", "1"));
    const { position } = this.#options;
    // A server that came back without its data counts anew: what it has now, nobody has heard.
    if (position.lastId === undefined) position.lastId = newest;
    else if (compareIds(newest, position.lastId) < 0) position.lastId = NOTHING;
    for (const client of [this.#teller, this.#hearer]) client.unref();
    void this.#read().catch(() => this.#ended.resolve());
  }

  async send(texts: readonly string[]): Promise<void> {
    let id = NOTHING;
    for (const text of texts)
      id = textOf(
        await ask(
          this.#teller,
          "XADD",
          this.#key,
          "MAXLEN",
          "~",
          String(MOST_ITEMS),
          "*",
          "t",
          text,
        ),
      );
    // By the server's clock, which is in the id.
    const oldest = Number(id.split("-")[0]) - KEPT_MS;
    await ask(this.#teller, "XTRIM", this.#key, "MINID", "=", String(Math.max(0, oldest)));
    await ask(this.#teller, "PEXPIRE", this.#key, String(KEPT_MS));
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    for (const client of [this.#teller, this.#hearer]) if (client.isOpen) client.destroy();
  }

  async #read(): Promise<void> {
    const { position, onText } = this.#options;
    while (!this.#isClosed) {
      const reply = await ask(
        this.#hearer,
        "XREAD",
        "COUNT",
        String(READ_AT_ONCE),
        "BLOCK",
        String(BLOCK_MS),
        "STREAMS",
        this.#key,
        position.lastId ?? NOTHING,
      );
      if (reply === null) continue;
      for (const item of listOf(listOf(listOf(reply)[0] ?? [])[1] ?? [])) {
        const [id = "", fields = []] = listOf(item);
        position.lastId = textOf(id);
        const text = listOf(fields)[1];
        if (text !== undefined) onText(textOf(text));
      }
    }
  }
}

async function ask(client: Client, ...command: readonly string[]): Promise<Reply> {
  const timer = setTimeout(() => client.destroy(), ANSWER_MS).unref();
  try {
    return await client.sendCommand<Reply>([...command]);
  } finally {
    clearTimeout(timer);
  }
}

function idOf(reply: Reply): string {
  const [newest] = listOf(reply);
  return newest === undefined ? NOTHING : textOf(listOf(newest)[0] ?? NOTHING);
}

function compareIds(a: string, b: string): number {
  const [aMs = 0, aAt = 0] = a.split("-").map(Number);
  const [bMs = 0, bAt = 0] = b.split("-").map(Number);
  return aMs - bMs || aAt - bAt;
}
