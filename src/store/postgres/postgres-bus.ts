import { ServerBus } from "../../bus/server-bus.ts";
import type { LiveBus } from "../live-bus.ts";
import { connectPostgresBus } from "./bus-link.ts";
import { parsePlace } from "./postgres-place.ts";
import type { Place } from "./postgres-place.ts";

// PostgreSQL refuses notifications of 8,000 bytes and more.
const MOST_BYTES = 7_900;

/** Tells processes of one another by LISTEN and NOTIFY in a PostgreSQL database: ids only, at most one notification each
 *  10 ms, by a connection of its own and so outside of every commit. A store of `postgresStore` has such a bus already;
 *  this one is for stores on other databases. Needs the package `pg`.
 *  @param address  `postgres://user:password@host:port/database`. Option: `direct_url`, an address beside a pooler, which
 *    takes LISTEN and passes on nothing: then others are asked about every second */
export function postgresBus(address: string): LiveBus {
  return busAt(parsePlace(address));
}

/** The bus of a store. */
export function busAt({ directUrl, name }: Place): LiveBus {
  return new ServerBus({
    name,
    connect: (onText, onGap) => connectPostgresBus({ url: directUrl, name, onText, onGap }),
    hasText: false,
    maxBytes: MOST_BYTES,
  });
}
