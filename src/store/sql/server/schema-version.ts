import { SkeinError } from "../../../model/error.ts";
import { schema1, schema2, schema3, schema4 } from "../schema.ts";
import type { SchemaTypes } from "../schema.ts";
import type { SearchDialect } from "../search/search-dialect.ts";
import { searchTables } from "../search/search-schema.ts";

/** What leads from one schema version to the next, as statements: the first makes version 1 of an empty database. Never
 *  change one that was released. */
export function migrationsFor(
  types: SchemaTypes,
  search: SearchDialect,
): readonly (readonly string[])[] {
  return [
    [...schema1(types), ...searchTables(types, search)],
    schema2(types),
    schema3(types),
    schema4(types),
  ];
}

export const SCHEMA_VERSION = 4;

/** The name under which the version stands in `skein_meta`. */
export const VERSION_NAME = "schema_version";

/** @throws SkeinError  `schema_too_new` */
export function proveKnown(version: number, where: string): void {
  if (version <= SCHEMA_VERSION) return;
  throw new SkeinError(
    "schema_too_new",
    `${where} has schema version ${version}, this version of Skein knows ${SCHEMA_VERSION}. ` +
      `Update Skein, or use another database.`,
    { details: { found: version, known: SCHEMA_VERSION } },
  );
}
