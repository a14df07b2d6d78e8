import type { Engine } from "../engine/engine.ts";
import { SkeinError } from "../model/error.ts";
import { isEnded } from "../model/run-transitions.ts";
import type { Run } from "../model/run.ts";
import type { ThreadKey } from "../store/key.ts";

export interface WaitOptions {
  readonly userId?: string;
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
}

/** Resolves with the run once it has ended, in whichever process.
 *  @throws SkeinError  `timeout`, `aborted`; the run goes on */
export async function waitForRun(
  engine: Engine,
  key: ThreadKey,
  runId: string,
  { userId, signal, timeoutMs }: WaitOptions = {},
): Promise<Run> {
  const caller = userId === undefined ? {} : { userId };
  const { version: after } = await engine.get(key.id, caller);
  const run = await engine.run(key.id, runId, caller);
  if (isEnded(run.status)) return run;
  const stop = new AbortController();
  const timer = timeoutMs === undefined ? undefined : setTimeout(() => stop.abort(), timeoutMs);
  const given = signal === undefined ? [] : [signal];
  try {
    const observed = { ...caller, after, signal: AbortSignal.any([stop.signal, ...given]) };
    for await (const entry of engine.observe(key.id, observed)) {
      if (entry.op !== "run.end" || entry.data.runId !== runId) continue;
      const ended = await engine.store.loadRun(key, runId);
      if (ended !== null) return ended;
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
