import type { Dialect } from "../dialect.ts";
import type { StoreIdentity } from "../identity.ts";
import type { SearchDialect } from "../search/search-dialect.ts";
import type { ChainRecord } from "../records.ts";
import type { ServerDriver, Session, Trouble } from "./server-driver.ts";
import type { Written } from "./write-chains.ts";
import type { ThreadIds } from "../thread-ids.ts";

/** One kind of database server, opened and migrated: what a store needs beside the plans. */
export interface ServerBackend {
  readonly driver: ServerDriver;
  readonly dialect: Dialect;
  readonly search: SearchDialect;
  readonly identity: StoreIdentity;
  /** Why what is acknowledged may be lost all the same. */
  readonly warnings: readonly string[];
  readonly schemaVersion: number;
  /** The server's clock as an expression: milliseconds since the epoch. */
  readonly clock: string;
  troubleOf(error: unknown): Trouble;
  /** Writes chains; durable when it resolves. */
  commit(chains: readonly ChainRecord[], ids: ThreadIds): Promise<Written>;
  /** Before the first row of the log is written in a transaction. */
  lockLog(session: Session): Promise<void>;
  close(): Promise<void>;
}
