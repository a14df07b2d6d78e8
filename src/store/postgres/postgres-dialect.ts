import type { Dialect } from "../sql/dialect.ts";
import { ORDER_OFFSET } from "./keep-order.ts";

export const postgresDialect: Dialect = {
  name: "postgres",
  rowsAtOnce: 512,
  keepSame: (key) => `ON CONFLICT (${key.join(", ")}) DO NOTHING`,
  replaceSame: (key, columns) => {
    const changes = columns.map((column) => `${column} = excluded.${column}`);
    return `ON CONFLICT (${key.join(", ")}) DO UPDATE SET ${changes.join(", ")}`;
  },
  forUpdate: "FOR UPDATE",
  bytesOf: (column) => `octet_length(${column})`,
  lesser: (a, b) => `LEAST(${a}, ${b})`,
  greater: (a, b) => `GREATEST(${a}, ${b})`,
  integer: (parameter) => parameter,
  contains: (text, part) => `strpos(${text}, ${part}) > 0`,
  // The planner knows better: its statistics are good.
  orderedJoin: "JOIN",
  joinsRanges: true,
  feed: {
    position: ["xid", "lsn"],
    settled: `xid < pg_snapshot_xmin(pg_current_snapshot())::text::bigint
      + (SELECT m.value::bigint FROM skein_meta m WHERE m.name = '${ORDER_OFFSET}')`,
  },
};
