import { agendaOf } from "../../../store/run-agenda.ts";
import type { StoredRun } from "../../../store/run-agenda.ts";
import { isWithin, refOf } from "../../run-engine.ts";
import type { RunEngineHost, WorkScope } from "../../run-engine.ts";

const AT_ONCE = 100;

/** Wakes every run that is due, and answers in how many milliseconds the next one is, if it is within `horizonMs`. One run that
 *  cannot be woken holds nobody up. */
export async function wakeDue(
  { engine, clock, onError }: RunEngineHost,
  scope: WorkScope | undefined,
  horizonMs: number,
): Promise<number | undefined> {
  const now = clock();
  const found = await engine.worker.listDue(now + horizonMs, AT_ONCE);
  const ours = found.filter(({ key, run }) => isWithin(refOf(key, run), scope));
  let woken = 0;
  for (const { key, run } of ours.filter((it) => dueAtOf(it) <= now))
    try {
      await engine.worker.wake(key.tenant, key.id, run.id);
      woken += 1;
    } catch (error) {
      onError(error);
    }
  if (woken > 0 && found.length === AT_ONCE) return 0;
  const next = Math.min(...ours.map(dueAtOf).filter((at) => at > now));
  return Number.isFinite(next) ? next - clock() : undefined;
}

function dueAtOf({ run }: StoredRun): number {
  return agendaOf(run, false).dueAt ?? Number.POSITIVE_INFINITY;
}
