import { setTimeout as sleep } from "node:timers/promises";
import type { BusEvent } from "../store/live-bus.ts";

// A burst of commits is one message; a reader does not notice the wait.
const EVERY_MS = 10;
const MOST_EVENTS = 10_000;
const MOST_TEXT_UNITS = 1_048_576;

export interface OutboxOptions {
  /** Tells events, behind a gap if there was one. Rejects when it could not. */
  readonly send: (events: readonly BusEvent[], isBehindGap: boolean) => Promise<void>;
  /** Whether there is a connection; what is told meanwhile waits. */
  readonly isReady: () => boolean;
  /** Whether the bus carries text; without, chunks are told by id. */
  readonly hasText: boolean;
}

/** What a process has to tell others: at most one sending at a time, 10 ms apart; what comes meanwhile is joined, the newest
 *  version of each thread and the text of each message. Its memory is bounded: beyond that events become a gap. */
export class Outbox {
  readonly #options: OutboxOptions;
  #waiting = new Map<string, BusEvent>();
  #textUnits = 0;
  #hasGap = false;
  #sending: Promise<void> | undefined;

  constructor(options: OutboxOptions) {
    this.#options = options;
  }

  get isEmpty(): boolean {
    return this.#waiting.size === 0 && !this.#hasGap;
  }

  add(event: BusEvent): void {
    this.#put(event);
    this.flush();
  }

  /** Goes on with what could not be told. */
  flush(): void {
    if (this.#sending !== undefined || this.isEmpty || !this.#options.isReady()) return;
    this.#sending = this.#send().finally(() => {
      this.#sending = undefined;
    });
  }

  /** Resolves when everything was told, or could not be. */
  async settled(): Promise<void> {
    await this.#sending;
  }

  #put(event: BusEvent): void {
    const name = nameOf(event);
    const known = this.#waiting.get(name);
    const joined = known === undefined ? event : join(known, event);
    const isKept = this.#options.hasText && this.#textUnits < MOST_TEXT_UNITS;
    if (event.kind === "chunks" && isKept)
      for (const { text } of event.chunks ?? []) this.#textUnits += text.length;
    this.#waiting.set(name, isKept ? joined : withoutText(joined));
    if (this.#waiting.size > MOST_EVENTS) this.#lose();
  }

  #lose(): void {
    this.#waiting = new Map();
    this.#textUnits = 0;
    this.#hasGap = true;
  }

  async #send(): Promise<void> {
    // What is committed in the same turn of the event loop goes together.
    await new Promise(setImmediate);
    while (!this.isEmpty) {
      const events = [...this.#waiting.values()];
      const hadGap = this.#hasGap;
      this.#waiting = new Map();
      this.#textUnits = 0;
      this.#hasGap = false;
      try {
        await this.#options.send(events, hadGap);
      } catch {
        this.#restore(events, hadGap);
        return;
      }
      await sleep(EVERY_MS, undefined, { ref: false });
    }
  }

  /** Text that is late is better read from the store. */
  #restore(events: readonly BusEvent[], hadGap: boolean): void {
    const later = [...this.#waiting.values()];
    this.#waiting = new Map();
    this.#textUnits = 0;
    this.#hasGap ||= hadGap;
    for (const event of [...events, ...later]) this.#put(withoutText(event));
  }
}

function nameOf(event: BusEvent): string {
  const { kind, storeId, sender, tenant, threadId } = event;
  const what = kind === "chunks" ? event.messageId : "";
  return [storeId, sender, tenant, threadId, kind, what].join("\n");
}

function join(known: BusEvent, event: BusEvent): BusEvent {
  if (known.kind === "commit" && event.kind === "commit") {
    const version = Math.max(known.version, event.version);
    return { ...event, version, hasRun: known.hasRun || event.hasRun };
  }
  if (known.kind !== "chunks" || event.kind !== "chunks") return event;
  // What is told by id cannot be completed by text.
  if (known.chunks === undefined || event.chunks === undefined) return withoutText(event);
  return { ...event, chunks: [...known.chunks, ...event.chunks] };
}

function withoutText(event: BusEvent): BusEvent {
  if (event.kind === "commit" || event.chunks === undefined) return event;
  const { chunks: _, ...told } = event;
  return told;
}
