import { loadIdentity } from "../sql/identity.ts";
import { runPlan } from "../sql/server/run-plan.ts";
import { SCHEMA_VERSION } from "../sql/server/schema-version.ts";
import type { ServerBackend } from "../sql/server/server-backend.ts";
import { ownIds, shareIds, writeChains } from "../sql/server/write-chains.ts";
import type { Written } from "../sql/server/write-chains.ts";
import type { ChainRecord } from "../sql/records.ts";
import type { ThreadIds } from "../sql/thread-ids.ts";
import { migrate } from "./migrate.ts";
import { postgresDialect } from "./postgres-dialect.ts";
import { postgresSearch } from "./postgres-search.ts";
import { openPostgres } from "./postgres-driver.ts";
import type { PostgresDriver } from "./postgres-driver.ts";
import { troubleOf } from "./postgres-error.ts";
import type { Place } from "./postgres-place.ts";

const CONNECT_TIMEOUT_MS = 10_000;

/** Connects, and migrates if it has to. */
export async function openBackend({
  url,
  directUrl,
  name,
  connections,
}: Place): Promise<ServerBackend> {
  const driver = await openPostgres({ url, connections, connectTimeoutMs: CONNECT_TIMEOUT_MS });
  try {
    await migrateAt(driver, url, directUrl, name);
    const identity = await runPlan(driver, loadIdentity());
    return {
      driver,
      dialect: postgresDialect,
      search: postgresSearch,
      identity,
      schemaVersion: SCHEMA_VERSION,
      clock: "(extract(epoch FROM clock_timestamp()) * 1000)::bigint",
      troubleOf: (error) => troubleOf(error, name),
      commit: (chains, ids) => commit(driver, chains, ids),
      lockLog: async () => undefined,
      watch: () => () => undefined,
      announce: () => undefined,
      close: () => driver.close(),
    };
  } catch (error) {
    await driver.close();
    throw troubleOf(error, name).error;
  }
}

async function migrateAt(
  driver: PostgresDriver,
  url: string,
  directUrl: string,
  name: string,
): Promise<void> {
  if (directUrl === url) return migrate(driver, name);
  const direct = await openPostgres({
    url: directUrl,
    connections: 1,
    connectTimeoutMs: CONNECT_TIMEOUT_MS,
  });
  try {
    await migrate(direct, name);
  } finally {
    await direct.close();
  }
}

async function commit(
  driver: PostgresDriver,
  chains: readonly ChainRecord[],
  shared: ThreadIds,
): Promise<Written> {
  const ids = ownIds(shared, chains);
  const written = await driver.transaction((session) =>
    runPlan(session, writeChains(postgresDialect, ids, chains)),
  );
  shareIds(shared, ids, chains);
  return written;
}
