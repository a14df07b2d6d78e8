import type { BusEvent, LiveBus } from "../store/live-bus.ts";
import { decodeMessage, encodeEvents, GAP } from "./bus-message.ts";
import { KeptLink } from "./kept-link.ts";
import type { Link } from "./kept-link.ts";
import { Outbox } from "./outbox.ts";
import { Subscribers } from "./subscribers.ts";

// Longer than any connection that works needs; a process that ends does not wait for one that does not.
const CLOSE_MS = 1_000;

/** A connection to a server that passes texts on to everybody. */
export interface ServerLink extends Link {
  send(texts: readonly string[]): Promise<void>;
}

export interface ServerBusOptions {
  readonly name: string;
  /** @param onText  hears what everybody says, also this process
   *  @param onGap  something may have been said that was not heard */
  readonly connect: (onText: (text: string) => void, onGap: () => void) => Promise<ServerLink>;
  readonly hasText: boolean;
  /** What one text may have, in UTF-8. */
  readonly maxBytes: number;
}

/** A bus over a server, connected at the first use and kept so. */
export class ServerBus implements LiveBus {
  readonly name: string;
  readonly #options: ServerBusOptions;
  readonly #subscribers = new Subscribers();
  readonly #link: KeptLink<ServerLink>;
  readonly #outbox: Outbox;
  #isClosed = false;

  constructor(options: ServerBusOptions) {
    this.name = options.name;
    this.#options = options;
    this.#link = new KeptLink({
      connect: () =>
        options.connect(
          (text) => this.#hear(text),
          () => this.#subscribers.miss(),
        ),
      onUp: () => {
        this.#subscribers.miss();
        this.#outbox.flush();
      },
      onDeaf: () => this.#subscribers.miss(),
    });
    this.#outbox = new Outbox({
      send: (events, isBehindGap) => this.#send(events, isBehindGap),
      isReady: () => this.#link.current !== undefined,
      hasText: options.hasText,
    });
  }

  open(): Promise<void> {
    return this.#link.firstAttempt();
  }

  publish(event: BusEvent): void {
    if (this.#isClosed) return;
    this.#link.start();
    this.#outbox.add(event);
  }

  subscribe(listener: (event: BusEvent) => void, onGap: () => void): () => void {
    const stop = this.#subscribers.add(listener, onGap);
    this.#link.start();
    // Later than this call, as whoever waits for a connection is told.
    if (this.#link.current !== undefined) setImmediate(onGap);
    return stop;
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    const late = Promise.withResolvers<void>();
    const timer = setTimeout(() => late.resolve(), CLOSE_MS);
    await Promise.race([this.#tellTheRest(), late.promise]);
    await Promise.race([this.#link.close(), late.promise]);
    clearTimeout(timer);
  }

  async #tellTheRest(): Promise<void> {
    if (this.#outbox.isEmpty) return this.#outbox.settled();
    await this.#link.firstAttempt().catch(() => undefined);
    this.#outbox.flush();
    await this.#outbox.settled();
  }

  async #send(events: readonly BusEvent[], isBehindGap: boolean): Promise<void> {
    const link = this.#link.current;
    if (link === undefined) throw new Error("There is no connection.");
    const texts = encodeEvents(events, this.#options.maxBytes);
    await link.send(isBehindGap ? [GAP, ...texts] : texts);
  }

  #hear(text: string): void {
    // Nobody would hear it; a long text is not worth parsing.
    if (this.#subscribers.isEmpty) return;
    const message = decodeMessage(text);
    if (message === undefined || message.type === "gap") this.#subscribers.miss();
    else if (message.type === "events")
      for (const event of message.events) this.#subscribers.hear(event);
  }
}
