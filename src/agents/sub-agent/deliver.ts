import type { Engine } from "../../engine/engine.ts";
import { isSkeinError } from "../../model/error.ts";
import type { ErrorCode } from "../../model/error-codes.ts";
import type { Run } from "../../model/run.ts";
import type { ThreadKey } from "../../store/key.ts";
import type { RunServices } from "../run-context.ts";
import { calledIn, callOutcome, startCalls } from "./called-run.ts";
import type { CalledRef } from "./called-run.ts";

type Services = Pick<RunServices, "engine">;

/** Tells the caller of a run that it has ended. Does nothing for a run that nobody called, that goes on, or of which the caller
 *  knows. Costs a read of the caller. */
async function deliverToParent(
  { engine }: Services,
  { tenant }: ThreadKey,
  { parent, id, threadId }: Run,
): Promise<void> {
  if (parent === undefined) return;
  const caller = await unendedRun(engine, tenant, parent);
  if (caller !== undefined) await deliver({ engine }, tenant, caller, { threadId, runId: id });
}

/** Brings a run that waits for others, or is about to, up to date with them: begins those that are not there yet, and tells it of
 *  those that have ended. Whatever ends later tells by itself. */
export async function settleCalls({ engine }: Services, key: ThreadKey, run: Run): Promise<void> {
  await startCalls({ engine }, key, run);
  for (const action of run.actions ?? [])
    if (action.kind === "run" && action.status === "waiting")
      await deliver({ engine }, key.tenant, run, calledIn(action));
}

/** Stops the runs that a run has called and that it will not hear of any more. */
export async function stopCalled({ engine }: Services, key: ThreadKey, run: Run): Promise<void> {
  const steps = await engine.store.listSteps(key, run.id, run.journalFrom);
  for (const { called } of steps)
    if (called !== undefined)
      await unlessOver(() => engine.worker.cancelCalled(key.tenant, called));
}

/** Does both whenever this process has ended a run, in whatever way.
 *  @param onError  hears of what could not be told; `repairCalls` tells it later */
export function connectCalls(
  { engine }: { readonly engine: Services["engine"] & Pick<Engine, "onRunChange"> },
  onError: (error: unknown) => void,
): {
  /** Resolves when everything is told. */
  settled(): Promise<void>;
} {
  const telling = new Set<Promise<void>>();
  const settle = async (key: ThreadKey, run: Run): Promise<void> => {
    try {
      await deliverToParent({ engine }, key, run);
      // A run that is done has waited for all that it called.
      if (run.status !== "completed") await stopCalled({ engine }, key, run);
    } catch (error) {
      if (!isSkeinError(error, "store_closed")) onError(error);
    }
  };
  engine.onRunChange(({ tenant, threadId, ended }) => {
    for (const run of ended) {
      const told = settle({ tenant, id: threadId }, run).finally(() => telling.delete(told));
      telling.add(told);
    }
  });
  return {
    async settled() {
      await Promise.all(telling);
    },
  };
}

/** Tells all that was not told because a process died before it could. What goes wrong with one run is thrown when all others
 *  were told. */
export async function repairCalls({ engine }: Services): Promise<void> {
  const errors: unknown[] = [];
  for (const { key, run } of await engine.worker.listCalling())
    await settleCalls({ engine }, key, run).catch((error: unknown) => errors.push(error));
  if (errors.length > 0) throw errors[0];
}

/** True for a run whose caller has ended and could not say so to it. Costs a read for a run that was called. */
export async function isOrphan(
  { engine }: Services,
  { tenant }: ThreadKey,
  { parent }: Run,
): Promise<boolean> {
  return parent !== undefined && (await unendedRun(engine, tenant, parent)) === undefined;
}

async function deliver(
  services: Services,
  tenant: string,
  caller: Run,
  called: CalledRef,
): Promise<void> {
  const action = caller.actions?.find(
    (one) => one.kind === "run" && one.status === "waiting" && calledIn(one).runId === called.runId,
  );
  if (action === undefined) return;
  const outcome = await callOutcome(services, tenant, called);
  if (outcome === undefined) return;
  const { status } = outcome.called;
  const { threadId, runId } = called;
  // What it said stands in its thread, and is read there.
  const value = { thread_id: threadId, run_id: runId, status };
  const isOk = status === "completed";
  await unlessOver(() =>
    services.engine.worker.decideCall(
      tenant,
      { threadId: caller.threadId, runId: caller.id },
      action.id,
      { type: "output", outcome: isOk ? "ok" : "error", output: { type: "json", value } },
    ),
  );
}

async function unendedRun(
  { store }: Services["engine"],
  tenant: string,
  { threadId, runId }: CalledRef,
): Promise<Run | undefined> {
  const [head] = await store.loadHeads([{ tenant, id: threadId }]);
  if (head == null || head.profile.deletedAt !== null) return undefined;
  return head.activity.runs.find(({ id }) => id === runId);
}

/** Who is told has ended or is gone meanwhile, or was told by somebody else. */
const OVER: readonly ErrorCode[] = [
  "run_ended",
  "run_not_found",
  "thread_deleted",
  "thread_not_found",
  "action_not_found",
  "action_decided",
];

async function unlessOver(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!OVER.some((code) => isSkeinError(error, code))) throw error;
  }
}
