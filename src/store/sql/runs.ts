import type { Run, Step } from "../../model/run.ts";
import type { ThreadKey } from "../key.ts";
import type { StoredRun } from "../run-agenda.ts";
import { parseStored, textAt } from "./cell.ts";
import { row, rows } from "./plan.ts";
import type { Plan } from "./plan.ts";
import { THREAD_NUMBER } from "./thread-number.ts";

export function* loadRun({ tenant, id }: ThreadKey, runId: string): Plan<Run | null> {
  const found = yield* row(
    `SELECT data FROM skein_run WHERE tid = ${THREAD_NUMBER} AND id = ?`,
    tenant,
    id,
    runId,
  );
  return found === undefined ? null : parseStored<Run>(textAt(found, 0));
}

export function* threadOfRun(tenant: string, runId: string): Plan<string | null> {
  const found = yield* row(
    `SELECT t.id FROM skein_run r JOIN skein_thread t ON t.tid = r.tid
     WHERE r.id = ? AND t.tenant = ? ORDER BY r.rid DESC LIMIT 1`,
    runId,
    tenant,
  );
  return found === undefined ? null : textAt(found, 0);
}

export function* listRuns(
  { tenant, id }: ThreadKey,
  { limit, before }: { readonly limit: number; readonly before?: string },
): Plan<readonly Run[]> {
  // A run that is not there is no bound.
  const older = `AND r.rid < coalesce((SELECT p.rid FROM skein_run p
    WHERE p.tid = ${THREAD_NUMBER} AND p.id = ?), ${Number.MAX_SAFE_INTEGER})`;
  const found = yield* rows(
    `SELECT r.data FROM skein_run r WHERE r.tid = ${THREAD_NUMBER} ${before === undefined ? "" : older}
     ORDER BY r.rid DESC LIMIT ?`,
    tenant,
    id,
    ...(before === undefined ? [] : [tenant, id, before]),
    limit,
  );
  return found.map((it) => parseStored<Run>(textAt(it, 0)));
}

export function* listSteps(
  { tenant, id }: ThreadKey,
  runId: string,
  fromSegment: number = 0,
): Plan<readonly Step[]> {
  const later = fromSegment > 0 ? "AND segment >= ?" : "";
  const found = yield* rows(
    `SELECT data FROM skein_step WHERE tid = ${THREAD_NUMBER} AND run_id = ? ${later} ORDER BY sid`,
    tenant,
    id,
    runId,
    ...(fromSegment > 0 ? [fromSegment] : []),
  );
  return found.map((it) => parseStored<Step>(textAt(it, 0)));
}

export function* listRunnableRuns(): Plan<readonly StoredRun[]> {
  return yield* storedRuns("r.holds = 1 AND r.status <> 'requires_action' ORDER BY r.rid");
}

export function* listDueRuns(by: number, limit: number): Plan<readonly StoredRun[]> {
  return yield* storedRuns("r.due_at <= ? ORDER BY r.due_at, r.rid LIMIT ?", by, limit);
}

export function* listCallingRuns(): Plan<readonly StoredRun[]> {
  return yield* storedRuns("r.calls = 1 ORDER BY r.rid");
}

function* storedRuns(which: string, ...parameters: readonly number[]): Plan<readonly StoredRun[]> {
  const found = yield* rows(
    `SELECT t.tenant, t.id, r.data FROM skein_run r JOIN skein_thread t ON t.tid = r.tid
     WHERE ${which}`,
    ...parameters,
  );
  return found.map((it) => ({
    key: { tenant: textAt(it, 0), id: textAt(it, 1) },
    run: parseStored<Run>(textAt(it, 2)),
  }));
}
