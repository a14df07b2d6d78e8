import type { StoreInfo } from "../store.ts";
import type { Argument, Connection } from "./connection.ts";
import { storeKeys, tenantKeys } from "./names.ts";
import type { Place } from "./redis-url.ts";
import type { Reply } from "./reply.ts";
import type { Script } from "./script.ts";

/** An open store: where the scripts run, and what is known of the server. */
export interface Backend {
  readonly place: Place;
  readonly instance: string;
  readonly connection: Connection;
  /** As of the newest connection. */
  readonly identity: () => StoreInfo;
}

/** Runs a script over a tenant's keys. */
export async function runFor(
  { connection, place }: Backend,
  tenant: string,
  script: Script,
  ...args: readonly Argument[]
): Promise<Reply> {
  return connection.run(script, tenantKeys(place.prefix, tenant), args);
}

/** Runs a script over the keys that belong to no tenant. */
export async function runForStore(
  { connection, place }: Backend,
  script: Script,
  ...args: readonly Argument[]
): Promise<Reply> {
  return connection.run(script, storeKeys(place.prefix), args);
}

/** Where commits are announced. Channels do not belong to a database, so its number is in the name. */
export function channelOf({ prefix, database }: Place): string {
  return `${prefix}:${database}:commits`;
}
