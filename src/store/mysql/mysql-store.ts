import { ServerStore } from "../sql/server/server-store.ts";
import type { Store } from "../store.ts";
import { openBackend } from "./mysql-backend.ts";
import { parsePlace } from "./mysql-place.ts";

/** Threads in a MariaDB database, 10.11 or newer, which any number of processes may use at once; MySQL 8 is expected to
 *  work and not tested. Needs the package `mysql2`. Opened by the first call, which makes the tables; they are called
 *  `skein_…`.
 *  @param address  `mysql://user:password@host:port/database`. Option: `connections` (8) */
export function mysqlStore(address: string): Store {
  const place = parsePlace(address);
  return new ServerStore({
    name: place.name,
    openBackend: () => openBackend(place),
  });
}
