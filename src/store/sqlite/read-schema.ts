import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { schemaState } from "../schema-state.ts";
import type { SchemaState } from "../schema-state.ts";
import { SCHEMA_VERSION, proveOurs } from "./migrations.ts";
import { openReader } from "./open-connection.ts";

/** Changes nothing, and makes no file. */
export function readSqliteSchema(path: string): Promise<SchemaState> {
  return schemaState(SCHEMA_VERSION, () => {
    const absolute = resolve(path);
    if (!existsSync(absolute)) return 0;
    const connection = openReader({ path: absolute, synchronous: "FULL" });
    try {
      proveOurs(connection);
      return Number(connection.value("PRAGMA user_version"));
    } finally {
      connection.close();
    }
  });
}
