import type { Dialect } from "../sql/dialect.ts";

export const sqliteDialect: Dialect = {
  name: "sqlite",
  insertNew: (table, columns) => `${insertInto(table, columns)} ON CONFLICT DO NOTHING`,
  upsert: (table, columns, key) => {
    const others = columns.filter((column) => !key.includes(column));
    const changes = others.map((column) => `${column} = excluded.${column}`);
    return `${insertInto(table, columns)} ON CONFLICT (${key.join(", ")}) DO UPDATE SET ${changes.join(", ")}`;
  },
  bytesOf: (column) => `octet_length(${column})`,
  lesser: (a, b) => `min(${a}, ${b})`,
};

function insertInto(table: string, columns: readonly string[]): string {
  const values = columns.map(() => "?");
  return `INSERT INTO ${table} (${columns.join(", ")}) VALUES (${values.join(", ")})`;
}
