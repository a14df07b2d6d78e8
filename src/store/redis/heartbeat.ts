import { isProcessGone, ownProcess } from "../own-process.ts";
import { ALIVE_MS, Pulse } from "../pulse.ts";
import { storeKeys } from "./names.ts";
import type { Connection } from "./connection.ts";
import type { Place } from "./redis-url.ts";
import { numberOf, textOrNullOf } from "./reply.ts";
import { SCRIPTS } from "./script.ts";

// A process that stalls for two thirds of what it counts as alive may be taken for dead; its fences keep it from doing harm then.
const BEAT_MS = 5_000;

/** Tells other processes that this one lives, by the server's clock. */
export class Heartbeat {
  readonly pulse: Pulse = new Pulse();
  readonly #place: Place;
  readonly #instance: string;
  #timer: NodeJS.Timeout | undefined;

  constructor(place: Place, instance: string) {
    this.#place = place;
    this.#instance = instance;
  }

  /** Beats once, and goes on until it is stopped. */
  async start(connection: Connection, lasting: Connection): Promise<void> {
    await this.#beat(connection);
    if (this.#timer !== undefined) return;
    // A beat that fails is followed by the next.
    const beat = (): void => void this.#beat(lasting).catch(() => undefined);
    this.#timer = setInterval(beat, BEAT_MS).unref();
  }

  async stop(connection: Connection): Promise<void> {
    clearInterval(this.#timer);
    if (this.#timer === undefined) return;
    await connection.tell("DEL", aliveKey(this.#place.prefix, this.#instance));
  }

  async #beat(connection: Connection): Promise<void> {
    const args = [this.#instance, ownProcess() ?? this.#instance, String(ALIVE_MS)];
    const keys = storeKeys(this.#place.prefix);
    await this.pulse.beat(async () => numberOf(await connection.run(SCRIPTS.beat, keys, args)));
  }
}

export async function isAlive(
  connection: Connection,
  { prefix }: Place,
  instance: string,
): Promise<boolean> {
  const found = textOrNullOf(await connection.command("GET", aliveKey(prefix, instance)));
  // A process that is dead on this machine needs no time to be known as such.
  return found !== null && !isProcessGone(found);
}

function aliveKey(prefix: string, instance: string): string {
  return `${storeKeys(prefix)}alive:${instance}`;
}
