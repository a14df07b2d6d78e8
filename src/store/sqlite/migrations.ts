import { randomUUID } from "node:crypto";
import { SkeinError } from "../../model/error.ts";
import type { Connection } from "./connection.ts";
import { SCHEMA_1, SCHEMA_2, SCHEMA_3, SCHEMA_4 } from "./schema.ts";
import { corrupt } from "./sqlite-error.ts";

/** `SKEI`: marks a SQLite file as a store of Skein. */
export const APPLICATION_ID = 0x53_4b_45_49;

/** What leads from one schema version to the next: the first makes version 1 of an empty file. Each runs in one
 *  transaction; never change one that was released. */
const MIGRATIONS: readonly string[] = [SCHEMA_1, SCHEMA_2, SCHEMA_3, SCHEMA_4];

export const SCHEMA_VERSION: number = MIGRATIONS.length;

/** Proves that the file is a store, or empty. Changes nothing. */
export function proveOurs(connection: Connection): void {
  const version = Number(connection.value("PRAGMA user_version"));
  const applicationId = connection.value("PRAGMA application_id");
  const isEmpty = version === 0 && connection.value("SELECT count(*) FROM sqlite_schema") === 0;
  if (applicationId !== APPLICATION_ID && !(isEmpty && applicationId === 0))
    throw corrupt(connection.path, "it is a SQLite file, but not a store of Skein");
  if (version > SCHEMA_VERSION) throw tooNew(connection.path, version);
}

/** Brings the file to the newest schema. Safe when several processes do it at once. */
export function migrate(connection: Connection, migrations: readonly string[] = MIGRATIONS): void {
  while (Number(connection.value("PRAGMA user_version")) < migrations.length)
    connection.transaction(() => {
      // Another process may have been faster.
      const version = Number(connection.value("PRAGMA user_version"));
      const next = migrations[version];
      if (next === undefined) return;
      connection.execute(next);
      connection.execute(`PRAGMA user_version = ${version + 1}`);
      if (version === 0) identify(connection);
    });
}

function identify(connection: Connection): void {
  connection.execute(`PRAGMA application_id = ${APPLICATION_ID}`);
  const insert = connection.statement("INSERT INTO skein_meta (name, value) VALUES (?, ?)");
  insert.run("store_id", randomUUID());
  insert.run("epoch", randomUUID());
  insert.run("listed_lsn", "0");
}

function tooNew(path: string, version: number): SkeinError {
  return new SkeinError(
    "schema_too_new",
    `${path} has schema version ${version}, this version of Skein knows ${SCHEMA_VERSION}. ` +
      `Update Skein, or open another file.`,
    { details: { found: version, known: SCHEMA_VERSION } },
  );
}
