import { schemaState } from "../schema-state.ts";
import type { SchemaState } from "../schema-state.ts";
import { runPlan } from "../sql/server/run-plan.ts";
import { SCHEMA_VERSION } from "../sql/server/schema-version.ts";
import { versionOf } from "./migrate.ts";
import { openPostgres } from "./postgres-driver.ts";
import { troubleOf } from "./postgres-error.ts";
import { parsePlace } from "./postgres-place.ts";

const CONNECT_TIMEOUT_MS = 10_000;

/** Changes nothing. */
export async function readPostgresSchema(address: string): Promise<SchemaState> {
  const { directUrl: url, name } = parsePlace(address);
  const driver = await openPostgres({ url, connections: 1, connectTimeoutMs: CONNECT_TIMEOUT_MS });
  try {
    return await schemaState(SCHEMA_VERSION, () => runPlan(driver, versionOf(name)));
  } catch (error) {
    throw troubleOf(error, name).error;
  } finally {
    await driver.close();
  }
}
