import { loadIdentity } from "../sql/identity.ts";
import { answeredWithin } from "../sql/server/answered-within.ts";
import { runPlan } from "../sql/server/run-plan.ts";
import { SCHEMA_VERSION } from "../sql/server/schema-version.ts";
import type { ServerBackend } from "../sql/server/server-backend.ts";
import { commit } from "./commit.ts";
import { lockLog } from "./lock-log.ts";
import { lossWarnings } from "./loss-warnings.ts";
import { migrate } from "./migrate.ts";
import { mysqlDialect } from "./mysql-dialect.ts";
import { mysqlSearch } from "./mysql-search.ts";
import { openMysql } from "./mysql-driver.ts";
import { troubleOf } from "./mysql-error.ts";
import type { Place } from "./mysql-place.ts";

const CONNECT_TIMEOUT_MS = 10_000;

/** Connects, and migrates if it has to. */
export async function openBackend({ url, name, connections }: Place): Promise<ServerBackend> {
  const driver = await openMysql({ url, connections, connectTimeoutMs: CONNECT_TIMEOUT_MS });
  try {
    await migrate(driver, name);
    const identity = await runPlan(driver, loadIdentity());
    const warnings = await runPlan(driver, lossWarnings());
    return {
      driver,
      dialect: mysqlDialect,
      search: mysqlSearch,
      identity,
      warnings,
      schemaVersion: SCHEMA_VERSION,
      clock: "CAST(unix_timestamp(now(3)) * 1000 AS SIGNED)",
      troubleOf: (error) => troubleOf(error, name),
      commit: (chains, ids) => answeredWithin(name, commit(driver, chains, ids)),
      lockLog: (session) => runPlan(session, lockLog()),
      close: () => driver.close(),
    };
  } catch (error) {
    await driver.close();
    throw troubleOf(error, name).error;
  }
}
