import { randomUUID } from "node:crypto";
import { SkeinError } from "../../model/error.ts";
import { textAt } from "../sql/cell.ts";
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
import type { ServerDriver, Session } from "../sql/server/server-driver.ts";
import { postgresSearch } from "./postgres-search.ts";
import { ORDER_OFFSET } from "./keep-order.ts";
import { LOCK } from "./lock-schema.ts";
import { postgresTypes } from "./schema-types.ts";

/** Brings the database to the newest schema, in one transaction. Of several who do it at once one does the work. */
export async function migrate(driver: ServerDriver, where: string): Promise<void> {
  if ((await runPlan(driver, versionOf(where))) === SCHEMA_VERSION) return;
  await driver.transaction(async (session) => {
    await run(session, LOCK);
    const version = await runPlan(session, versionOf(where));
    for (const statements of migrationsFor(postgresTypes, postgresSearch).slice(version))
      for (const statement of statements) await run(session, statement);
    await runPlan(session, noteVersion(version));
  });
}

/** 0 in a database without tables of ours. */
export function* versionOf(where: string): Plan<number> {
  const found = yield* row(
    "SELECT current_setting('server_encoding'), to_regclass('skein_meta')::text",
  );
  const encoding = textAt(found ?? [], 0);
  if (encoding !== "UTF8")
    throw new SkeinError(
      "invalid_request",
      `${where} stores text as ${encoding}. Create a database with ENCODING 'UTF8'.`,
      { field: "store" },
    );
  if (found?.[1] == null) return 0;
  const stored = yield* row("SELECT value FROM skein_meta WHERE name = ?", VERSION_NAME);
  const version = stored === undefined ? 0 : Number(textAt(stored, 0));
  proveKnown(version, where);
  return version;
}

function* noteVersion(before: number): Plan<void> {
  const values: [string, string][] = [[VERSION_NAME, String(SCHEMA_VERSION)]];
  if (before === 0)
    values.push(
      ["store_id", randomUUID()],
      ["epoch", randomUUID()],
      [LISTED_PLACE, "0-0"],
      [ORDER_OFFSET, "0"],
    );
  for (const [name, value] of values)
    yield* change(
      `INSERT INTO skein_meta (name, value) VALUES (?, ?)
       ON CONFLICT (name) DO UPDATE SET value = excluded.value`,
      name,
      value,
    );
}

function run(session: Session, sql: string): Promise<unknown> {
  return runPlan(session, rows(sql));
}
