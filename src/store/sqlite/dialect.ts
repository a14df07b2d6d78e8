import type { Dialect } from "../sql/dialect.ts";

export const sqliteDialect: Dialect = {
  name: "sqlite",
  rowsAtOnce: 1,
  keepSame: (key) => `ON CONFLICT (${key.join(", ")}) DO NOTHING`,
  replaceSame: (key, columns) => {
    const changes = columns.map((column) => `${column} = excluded.${column}`);
    return `ON CONFLICT (${key.join(", ")}) DO UPDATE SET ${changes.join(", ")}`;
  },
  // A write transaction has the whole file to itself.
  forUpdate: "",
  bytesOf: (column) => `octet_length(${column})`,
  lesser: (a, b) => `min(${a}, ${b})`,
  greater: (a, b) => `max(${a}, ${b})`,
  integer: (parameter) => parameter,
  contains: (text, part) => `instr(${text}, ${part}) > 0`,
  orderedJoin: "CROSS JOIN",
  joinsRanges: true,
  feed: { position: ["lsn"], settled: "1 = 1" },
};
