import { join } from "node:path";
import type { Store } from "../../src/index.ts";
import { cached, sqliteStore } from "../../src/index.ts";
import { fileStore } from "../../src/store/file/file-store.ts";
import { mysqlStore } from "../../src/store/mysql/mysql-store.ts";
import { postgresStore } from "../../src/store/postgres/postgres-store.ts";
import { redisStore } from "../../src/store/redis/redis-store.ts";
import { mariadbUrl, postgresUrl, redisUrl } from "../support/servers/servers.ts";

/** Where a server that is killed keeps its threads. */
export interface KilledStore {
  /** Rounds of `npm test`, and the share of the rounds of `npm run test:crash`. */
  readonly rounds: number;
  readonly share: number;
  /** What `SKEIN_STORE` says, seen from the server's directory: an empty store for each call. */
  readonly address: () => Promise<string>;
  /** Opens what is at the address once more, when the server has ended. */
  readonly open: (address: string, directory: string) => Store;
}

const sqliteAt = (address: string, directory: string): Store =>
  sqliteStore({ path: join(directory, address.slice("sqlite:".length)) });

export type StoreName = "sqlite" | "cached" | "file" | "postgres" | "mariadb" | "redis";

/** Every durable store by the name that `SKEIN_CRASH_STORE` has for it. */
export const KILLED_STORES: Readonly<Record<StoreName, KilledStore>> = {
  sqlite: {
    rounds: 26,
    share: 0.38,
    address: async () => "sqlite:./.skein/skein.db",
    open: sqliteAt,
  },
  cached: {
    rounds: 4,
    share: 0.06,
    // The server's configuration makes the cache.
    address: async () => "cached:./.skein/skein.db",
    open: (address, directory) =>
      cached(sqliteAt(address.replace("cached:", "sqlite:"), directory)),
  },
  file: {
    rounds: 6,
    share: 0.2,
    address: async () => "file:./.skein/threads",
    open: (address, directory) =>
      fileStore({ path: join(directory, address.slice("file:".length)) }),
  },
  postgres: {
    rounds: 5,
    share: 0.12,
    address: postgresUrl,
    open: postgresStore,
  },
  mariadb: {
    rounds: 5,
    share: 0.12,
    address: mariadbUrl,
    open: mysqlStore,
  },
  redis: {
    rounds: 5,
    share: 0.12,
    address: redisUrl,
    open: (address) => redisStore(address),
  },
};
