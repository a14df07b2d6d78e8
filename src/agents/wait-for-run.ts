import type { Engine } from "../engine/engine.ts";
import { SkeinError } from "../model/error.ts";
import { isForPerson } from "../model/action.ts";
import { isEnded } from "../model/run-transitions.ts";
import type { Run } from "../model/run.ts";
import type { ThreadKey } from "../store/key.ts";

export interface WaitOptions {
  readonly userId?: string;
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
  /** Also resolves when the run waits for a person, or for the caller. Default false. */
  readonly orAction?: boolean;
}

/** Resolves with the run once it has ended, in whichever process.
 *  @throws SkeinError  `timeout`, `aborted`; the run goes on */
export async function waitForRun(
  engine: Engine,
  key: ThreadKey,
  runId: string,
  { userId, signal, timeoutMs, orAction = false }: WaitOptions = {},
): Promise<Run> {
  const caller = userId === undefined ? {} : { userId };
  const { version: after } = await engine.get(key.id, caller);
  const run = await engine.run(key.id, runId, caller);
  const isDone = (now: Run): boolean => isEnded(now.status) || (orAction && isAsking(now));
  if (isDone(run)) return run;
  const stop = new AbortController();
  const timer = timeoutMs === undefined ? undefined : setTimeout(() => stop.abort(), timeoutMs);
  const given = signal === undefined ? [] : [signal];
  try {
    const observed = { ...caller, after, signal: AbortSignal.any([stop.signal, ...given]) };
    for await (const entry of engine.observe(key.id, observed)) {
      if (entry.op !== "run.end" && entry.op !== "run.update") continue;
      const { runId: id, run: change } = entry.data;
      if (id !== runId || change.status === undefined) continue;
      if (!isEnded(change.status) && !(orAction && change.status === "requires_action")) continue;
      const now = await engine.store.loadRun(key, runId);
      if (now !== null && isDone(now)) return now;
    }
  } finally {
    clearTimeout(timer);
  }
  if (signal?.aborted === true)
    throw new SkeinError("aborted", `The caller stopped waiting for run ${runId}.`);
  throw new SkeinError("timeout", `Run ${runId} has not ended after ${timeoutMs} ms.`, {
    details: { run_id: runId },
  });
}

/** True for a run that does nothing until somebody decides. */
function isAsking({ status, actions = [] }: Run): boolean {
  return status === "requires_action" && actions.some(isForPerson);
}
