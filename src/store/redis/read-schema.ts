import { schemaState } from "../schema-state.ts";
import type { SchemaState } from "../schema-state.ts";
import { Connection } from "./connection.ts";
import { SCHEMA_VERSION } from "./identify.ts";
import { storeKeys } from "./names.ts";
import { parsePlace } from "./redis-url.ts";
import { textOrNullOf } from "./reply.ts";

/** Changes nothing. */
export async function readRedisSchema(address: string): Promise<SchemaState> {
  const place = parsePlace(address, {});
  const connection = new Connection(place, async () => undefined);
  try {
    return await schemaState(SCHEMA_VERSION, async () => {
      const found = await connection.command("HGET", `${storeKeys(place.prefix)}meta`, "schema");
      return Number(textOrNullOf(found) ?? 0);
    });
  } finally {
    await connection.close();
  }
}
