import type { Dialect } from "../sql/dialect.ts";

export const mysqlDialect: Dialect = {
  name: "mysql",
  rowsAtOnce: 512,
  keepSame: ([first = ""]) => `ON DUPLICATE KEY UPDATE ${first} = ${first}`,
  replaceSame: (_key, columns) => {
    const changes = columns.map((column) => `${column} = VALUES(${column})`);
    return `ON DUPLICATE KEY UPDATE ${changes.join(", ")}`;
  },
  forUpdate: "FOR UPDATE",
  bytesOf: (column) => `octet_length(${column})`,
  lesser: (a, b) => `LEAST(${a}, ${b})`,
  greater: (a, b) => `GREATEST(${a}, ${b})`,
  integer: (parameter) => parameter,
  contains: (text, part) => `instr(${text}, ${part}) > 0`,
  orderedJoin: "STRAIGHT_JOIN",
  joinsRanges: false,
  // Commits write the log one after the other (see lock-log.ts).
  feed: { position: ["lsn"], settled: "1 = 1" },
};
