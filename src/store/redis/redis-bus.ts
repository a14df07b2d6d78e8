import { ServerBus } from "../../bus/server-bus.ts";
import type { LiveBus } from "../live-bus.ts";
import { connectRedisBus } from "./bus-link.ts";
import { parsePlace } from "./redis-url.ts";
import type { Place } from "./redis-url.ts";

// Some of what a burst of runs writes; a message of many megabytes would hold up everybody behind it.
const MOST_BYTES = 262_144;

export interface RedisBusOptions {
  /** Begins the key of the stream. Default `skein`. */
  readonly prefix?: string;
}

/** Tells processes of one another by a stream in Redis, text on its way included; it keeps the last minute, so that a
 *  reader that lost its connection goes on where it was. A store of `redisStore` has such a bus already; this one is for stores
 *  on other databases. Needs the package `redis`.
 *  @param address  `redis[s]://[user:password@]host[:port][/database][?prefix=…]` */
export function redisBus(address: string, options: RedisBusOptions = {}): LiveBus {
  return busAt(parsePlace(address, options));
}

/** The bus of a store. */
export function busAt(place: Place): LiveBus {
  const position = { lastId: undefined };
  return new ServerBus({
    name: place.name,
    connect: (onText, onGap) => connectRedisBus({ place, position, onText, onGap }),
    hasText: true,
    maxBytes: MOST_BYTES,
  });
}
