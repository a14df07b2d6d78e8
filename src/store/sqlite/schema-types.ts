import { PARTIAL_INDEXES } from "../sql/schema.ts";
import type { SchemaTypes } from "../sql/schema.ts";

export const sqliteTypes: SchemaTypes = {
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
};
