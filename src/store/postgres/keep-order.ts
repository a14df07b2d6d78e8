import { randomUUID } from "node:crypto";
import { numberAt } from "../sql/cell.ts";
import { change, row, rows } from "../sql/plan.ts";
import type { Plan } from "../sql/plan.ts";
import { runPlan } from "../sql/server/run-plan.ts";
import type { ServerDriver } from "../sql/server/server-driver.ts";
import { LOCK } from "./lock-schema.ts";

/** What is added to the numbers of this server's transactions in the log. */
export const ORDER_OFFSET = "xid_offset";

/** The numbers of a server's transactions begin anew in another server. A log that was brought here, out of a dump, may
 *  have larger ones than this server gives: from now on they are counted from the newest of the log. Cursors that were
 *  given out before the dump was made may name what it does not have, so the epoch is a new one. */
export async function keepOrder(driver: ServerDriver): Promise<void> {
  if ((await runPlan(driver, neededOffset())) === undefined) return;
  await driver.transaction(async (session) => {
    await runPlan(session, rows(LOCK));
    const offset = await runPlan(session, neededOffset());
    // Another process was faster.
    if (offset !== undefined) await runPlan(session, renew(offset));
  });
}

function* neededOffset(): Plan<number | undefined> {
  const found = yield* row(
    `SELECT coalesce((SELECT xid FROM skein_entry ORDER BY xid DESC LIMIT 1), 0),
       (SELECT value::bigint FROM skein_meta WHERE name = '${ORDER_OFFSET}'),
       pg_snapshot_xmin(s.now)::text::bigint, pg_snapshot_xmax(s.now)::text::bigint
     FROM (SELECT pg_current_snapshot() AS now) s`,
  );
  const at = (index: number): number => numberAt(found ?? [], index);
  const [newest, offset, oldestRunning, next] = [at(0), at(1), at(2), at(3)];
  // What was committed here has a smaller number than any transaction to come.
  return newest < next + offset ? undefined : newest - oldestRunning + 1;
}

function* renew(offset: number): Plan<void> {
  yield* rows(`ALTER TABLE skein_entry ALTER COLUMN xid
    SET DEFAULT (pg_current_xact_id()::text::bigint + ${offset})`);
  yield* change("UPDATE skein_meta SET value = ? WHERE name = ?", String(offset), ORDER_OFFSET);
  yield* change("UPDATE skein_meta SET value = ? WHERE name = 'epoch'", randomUUID());
}
