import { randomUUID } from "node:crypto";
import { SkeinError } from "../../model/error.ts";
import type { StoreInfo } from "../store.ts";
import type { Connection } from "./connection.ts";
import { storeKeys } from "./names.ts";
import { readPersistence } from "./persistence.ts";
import type { Persistence } from "./persistence.ts";
import type { Place } from "./redis-url.ts";
import { listOf, numberOf, textOf } from "./reply.ts";
import { SCRIPTS } from "./script.ts";

/** The version of the keys that this code writes. */
export const SCHEMA_VERSION = 1;

export interface Identity extends StoreInfo {
  readonly persistence: Persistence;
}

/** Learns who the store is, and makes it if nobody has. A server that was started again and does not keep everything may
 *  have lost commits: then the store gets a new epoch, so that cursors into what is gone are refused. */
export async function identify(connection: Connection, place: Place): Promise<Identity> {
  const persistence = await readPersistence(connection);
  const [storeId, epoch, schema] = listOf(
    await connection.run(SCRIPTS.identify, storeKeys(place.prefix), [
      randomUUID(),
      randomUUID(),
      String(SCHEMA_VERSION),
      await serverRun(connection),
      persistence.isDurable ? "1" : "0",
    ]),
  );
  const schemaVersion = numberOf(schema);
  if (schemaVersion > SCHEMA_VERSION)
    throw new SkeinError(
      "schema_too_new",
      `${place.name} has schema version ${schemaVersion}, this program knows ${SCHEMA_VERSION}. Update Skein.`,
      { details: { found: schemaVersion, known: SCHEMA_VERSION } },
    );
  return {
    storeId: textOf(storeId),
    epoch: textOf(epoch),
    schemaVersion,
    persistence,
    ...(persistence.warnings.length > 0 && { warnings: persistence.warnings }),
  };
}

/** Another one after each start of the server; the same where a provider does not say. */
async function serverRun(connection: Connection): Promise<string> {
  const info = await connection.command("INFO", "server");
  return /^run_id:(\w+)/mu.exec(textOf(info))?.[1] ?? "";
}
