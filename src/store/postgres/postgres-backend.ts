import { loadIdentity } from "../sql/identity.ts";
import { answeredWithin } from "../sql/server/answered-within.ts";
import { runPlan } from "../sql/server/run-plan.ts";
import { SCHEMA_VERSION } from "../sql/server/schema-version.ts";
import type { ServerBackend } from "../sql/server/server-backend.ts";
import { commit } from "./commit.ts";
import { keepOrder } from "./keep-order.ts";
import { lossWarnings } from "./loss-warnings.ts";
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
  prepares,
}: Place): Promise<ServerBackend> {
  const driver = await openPostgres({
    url,
    connections,
    connectTimeoutMs: CONNECT_TIMEOUT_MS,
    prepares,
  });
  try {
    await migrateAt(driver, url, directUrl, name);
    await keepOrder(driver);
    const identity = await runPlan(driver, loadIdentity());
    const warnings = await runPlan(driver, lossWarnings());
    return {
      driver,
      dialect: postgresDialect,
      search: postgresSearch,
      identity,
      warnings,
      schemaVersion: SCHEMA_VERSION,
      clock: "(extract(epoch FROM clock_timestamp()) * 1000)::bigint",
      troubleOf: (error) => troubleOf(error, name),
      commit: (chains, ids) => answeredWithin(name, commit(driver, chains, ids)),
      lockLog: async () => undefined,
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
