import { ServerStore } from "../sql/server/server-store.ts";
import type { Store } from "../store.ts";
import { openBackend } from "./postgres-backend.ts";
import { busAt } from "./postgres-bus.ts";
import { parsePlace } from "./postgres-place.ts";

export { postgresBus } from "./postgres-bus.ts";

/** Threads in a PostgreSQL database, 15 or newer, which any number of processes may use at once. Needs the package
 *  `pg`. Opened by the first call, which makes the tables; they are called `skein_…`.
 *  @param address  `postgres://user:password@host:port/database`. Options: `connections` (8), `direct_url`, an
 *    address beside a pooler, for migrations and for listening, and `prepare=yes`, names for statements that come often */
export function postgresStore(address: string): Store {
  const place = parsePlace(address);
  return new ServerStore({
    name: place.name,
    openBackend: () => openBackend(place),
    bus: busAt(place),
  });
}
