import { randomUUID } from "node:crypto";
import { SkeinError } from "../../model/error.ts";
import { numberAt, textAt } from "../sql/cell.ts";
import { change, row, rows } from "../sql/plan.ts";
import type { Plan } from "../sql/plan.ts";
import { LISTED_PLACE } from "../sql/server/listing-flush.ts";
import { runPlan } from "../sql/server/run-plan.ts";
import {
  SCHEMA_VERSION,
  VERSION_NAME,
  migrationsFor,
  proveKnown,
} from "../sql/server/schema-version.ts";
import type { Session } from "../sql/server/server-driver.ts";
import { LOG_ROW } from "./lock-log.ts";
import type { MysqlDriver } from "./mysql-driver.ts";
import { numberOf } from "./mysql-error.ts";
import { mysqlSearch } from "./mysql-search.ts";
import { mysqlTypes } from "./schema-types.ts";

const LOCK_NAME = "concat('skein:', sha1(database()))";
const LOCK_WAIT_SECONDS = 60;

// A table, a column, an index: made, or an index removed, by one who did not come to note it.
const DONE: ReadonlySet<number | undefined> = new Set([1050, 1060, 1061, 1091]);

/** Brings the database to the newest schema. Of several who do it at once one does the work. Statements that make tables
 *  take effect at once, so each is left out when a migration that was cut short has done it. */
export async function migrate(driver: MysqlDriver, where: string): Promise<void> {
  if ((await runPlan(driver, versionOf(where))) === SCHEMA_VERSION) return;
  await driver.session(async (session) => {
    const locked = await runPlan(
      session,
      row(`SELECT get_lock(${LOCK_NAME}, ${LOCK_WAIT_SECONDS})`),
    );
    if (locked?.[0] !== 1)
      throw new SkeinError(
        "store_busy",
        `${where} is being migrated by another process. Try again.`,
        {
          retryAfterMs: 1_000,
        },
      );
    try {
      const version = await runPlan(session, versionOf(where));
      const types = mysqlTypes(await runPlan(session, collation()));
      for (const statements of migrationsFor(types, mysqlSearch).slice(version))
        for (const statement of statements) await makeOnce(session, statement);
      await runPlan(session, noteVersion(version));
    } finally {
      await runPlan(session, row(`SELECT release_lock(${LOCK_NAME})`));
    }
  });
}

/** 0 in a database without tables of ours; it must be one that they may be made in. */
export function* versionOf(where: string): Plan<number> {
  const found = yield* row(
    `SELECT count(*), @@character_set_database, database() FROM information_schema.tables
     WHERE table_schema = database() AND table_name = 'skein_meta'`,
  );
  if (numberAt(found ?? [], 0) === 0) {
    proveCharset(textAt(found ?? [], 1), textAt(found ?? [], 2), where);
    return 0;
  }
  const stored = yield* row("SELECT value FROM skein_meta WHERE name = ?", VERSION_NAME);
  const version = stored === undefined ? 0 : Number(textAt(stored, 0));
  proveKnown(version, where);
  return version;
}

// Our tables name their own. What else is made in the database, restored into it or copied from it by hand does not.
function proveCharset(charset: string, database: string, where: string): void {
  if (charset === "utf8mb4") return;
  throw new SkeinError(
    "invalid_request",
    `${where} stores text as ${charset}. Run ALTER DATABASE \`${database}\` CHARACTER SET utf8mb4.`,
    { field: "store" },
  );
}

function* collation(): Plan<string> {
  const version = yield* row("SELECT version()");
  return /mariadb/iu.test(textAt(version ?? [], 0)) ? "utf8mb4_nopad_bin" : "utf8mb4_0900_bin";
}

async function makeOnce(session: Session, statement: string): Promise<void> {
  try {
    await runPlan(session, rows(statement));
  } catch (error) {
    if (!DONE.has(numberOf(error))) throw error;
  }
}

function* noteVersion(before: number): Plan<void> {
  const first = [
    ["store_id", randomUUID()],
    ["epoch", randomUUID()],
    [LISTED_PLACE, "0"],
    [LOG_ROW, ""],
  ] as const;
  if (before === 0)
    for (const [name, value] of first)
      yield* change(
        "INSERT INTO skein_meta (name, value) VALUES (?, ?) ON DUPLICATE KEY UPDATE name = name",
        name,
        value,
      );
  // Last: with it the database is a store.
  yield* change(
    "INSERT INTO skein_meta (name, value) VALUES (?, ?) ON DUPLICATE KEY UPDATE value = VALUES(value)",
    VERSION_NAME,
    String(SCHEMA_VERSION),
  );
}
