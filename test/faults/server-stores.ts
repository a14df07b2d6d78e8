import type { Store } from "../../src/index.ts";
import { mysqlStore } from "../../src/store/mysql/mysql-store.ts";
import { postgresStore } from "../../src/store/postgres/postgres-store.ts";
import { redisStore } from "../../src/store/redis/redis-store.ts";
import type { ServerName } from "../support/servers/server-kind.ts";
import { mariadbUrl, postgresUrl, redisUrl } from "../support/servers/servers.ts";

/** A store on a database server, and how its requests look on the way there. */
export interface ServerStoreKind {
  readonly title: string;
  readonly server: ServerName;
  /** An empty database. */
  readonly freshUrl: () => Promise<string>;
  readonly open: (url: string) => Store;
  /** In the request whose answer says that something is durable. */
  readonly commit: RegExp;
}

export const SERVER_STORES: readonly ServerStoreKind[] = [
  {
    title: "PostgreSQL",
    server: "postgres",
    freshUrl: postgresUrl,
    open: postgresStore,
    commit: /COMMIT|\bmoved AS /u,
  },
  {
    title: "MariaDB",
    server: "mariadb",
    freshUrl: mariadbUrl,
    open: mysqlStore,
    commit: /COMMIT/u,
  },
  {
    title: "Redis",
    server: "redis",
    freshUrl: redisUrl,
    open: (url) => redisStore(url),
    commit: /EVAL/u,
  },
];
