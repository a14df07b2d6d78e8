import {
  PARTIAL_INDEXES,
  PARTIAL_INDEXES_2,
  PARTIAL_INDEXES_3,
  PARTIAL_INDEXES_4,
  schema1,
  schema2,
  schema3,
  schema4,
} from "../sql/schema.ts";
import type { SchemaTypes } from "../sql/schema.ts";

const types: SchemaTypes = {
  serial: "INTEGER PRIMARY KEY",
  logPlace: "INTEGER PRIMARY KEY",
  integer: "INTEGER",
  name: "TEXT",
  longName: "TEXT",
  text: "TEXT",
  bytes: "BLOB",
  end: ({ byKey }) => (byKey ? "WITHOUT ROWID" : ""),
  directedKey: (columns) => `PRIMARY KEY (${columns})`,
  indexes: PARTIAL_INDEXES,
  indexes2: PARTIAL_INDEXES_2,
  indexes3: PARTIAL_INDEXES_3,
  indexes4: PARTIAL_INDEXES_4,
  jsonText: (column, keys) => `json_extract(${column}, '$.${keys.join(".")}')`,
};

/** The tables of version 1, as one text. */
export const SCHEMA_1: string = schema1(types).join(";\n");

/** What version 2 adds. */
export const SCHEMA_2: string = schema2(types).join(";\n");

/** What version 3 adds. */
export const SCHEMA_3: string = schema3(types).join(";\n");

/** What version 4 adds. */
export const SCHEMA_4: string = schema4(types).join(";\n");
