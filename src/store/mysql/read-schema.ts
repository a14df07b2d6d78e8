import { schemaState } from "../schema-state.ts";
import type { SchemaState } from "../schema-state.ts";
import { runPlan } from "../sql/server/run-plan.ts";
import { SCHEMA_VERSION } from "../sql/server/schema-version.ts";
import { versionOf } from "./migrate.ts";
import { openMysql } from "./mysql-driver.ts";
import { troubleOf } from "./mysql-error.ts";
import { parsePlace } from "./mysql-place.ts";

const CONNECT_TIMEOUT_MS = 10_000;

/** Changes nothing. */
export async function readMysqlSchema(address: string): Promise<SchemaState> {
  const { url, name } = parsePlace(address);
  const driver = await openMysql({ url, connections: 1, connectTimeoutMs: CONNECT_TIMEOUT_MS });
  try {
    return await schemaState(SCHEMA_VERSION, () => runPlan(driver, versionOf(name)));
  } catch (error) {
    throw troubleOf(error, name).error;
  } finally {
    await driver.close();
  }
}
