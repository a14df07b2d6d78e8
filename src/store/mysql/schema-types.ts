import type { SchemaTypes } from "../sql/schema.ts";

/** @param collation  that compares texts byte by byte and does not ignore spaces at their ends; MariaDB and MySQL have
 *    different names for it */
export function mysqlTypes(collation: string): SchemaTypes {
  return {
    serial: "BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY",
    logPlace: "BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY",
    integer: "BIGINT",
    name: "VARCHAR(128)",
    longName: "VARCHAR(256)",
    text: "LONGTEXT",
    bytes: "LONGBLOB",
    // Whatever the database's own character set is.
    end: () => `ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE ${collation}`,
    directedKey: (columns) => `PRIMARY KEY (${columns})`,
    indexes: [
      "CREATE UNIQUE INDEX skein_entry_place ON skein_entry (tid, seg, pos)",
      "CREATE INDEX skein_entry_mid ON skein_entry (mid)",
      "CREATE INDEX skein_entry_instruction ON skein_entry (tid, seg, role, pos)",
      // Unique among the runs that hold a branch: NULL equals nothing.
      `ALTER TABLE skein_run ADD COLUMN held VARCHAR(256)
        GENERATED ALWAYS AS (CASE WHEN holds = 1 THEN branch END) STORED`,
      "CREATE UNIQUE INDEX skein_run_hold ON skein_run (tid, held)",
      "CREATE INDEX skein_run_unended ON skein_run (ended, rid)",
      "CREATE INDEX skein_listing_by_thread ON skein_listing (tid)",
    ],
    indexes2: [
      "DROP INDEX skein_run_unended ON skein_run",
      "CREATE INDEX skein_run_runnable ON skein_run (holds, status, rid)",
      "CREATE INDEX skein_run_due ON skein_run (due_at, rid)",
      "CREATE INDEX skein_run_calling ON skein_run (calls, rid)",
    ],
    indexes3: ["CREATE INDEX skein_thread_fork ON skein_thread (tenant, forked_from)"],
    indexes4: ["CREATE INDEX skein_thread_due ON skein_thread (due_at, tenant, id)"],
    jsonText: (column, keys) => `json_unquote(json_extract(${column}, '$.${keys.join(".")}'))`,
  };
}
