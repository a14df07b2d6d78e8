import { SkeinError } from "../error.ts";
import { LIMITS } from "../limits.ts";
import { userOf } from "../principal.ts";
import { DEFAULT_AGENT } from "../run.ts";
import type { NewRun, Run, RunBase } from "../run.ts";
import type { BranchHead } from "../thread.ts";
import { NO_COST, NO_USAGE } from "../usage.ts";
import { emit } from "./draft.ts";
import type { Draft } from "./draft.ts";
import { branchIn } from "./place.ts";

interface Start {
  readonly branch: string;
  readonly run: NewRun;
  readonly inputIds: readonly string[];
  readonly holds: boolean;
  /** Where the branch stood before what the run is to answer; known when it holds the branch. */
  readonly base?: RunBase | undefined;
}

export function startRun(draft: Draft, { branch, run, inputIds, holds, base }: Start): void {
  const { head, context } = draft;
  if (head.activity.runs.length >= LIMITS.unendedRuns)
    throw new SkeinError(
      "limit_exceeded",
      `At most ${LIMITS.unendedRuns} runs of a thread can wait.`,
      {
        details: { limit: LIMITS.unendedRuns },
      },
    );
  const { expiresInMs } = run;
  const started: Run = {
    ...run,
    agentId: run.agentId ?? head.profile.agentId ?? DEFAULT_AGENT,
    threadId: head.profile.id,
    branch,
    status: "queued",
    fence: 0,
    requestedBy: userOf(context.principal),
    inputIds,
    turnId: holds ? branchIn(draft, branch).turnId : null,
    createdAt: context.at,
    ...(expiresInMs !== undefined && { expiresAt: context.at + expiresInMs }),
    ...(base && { base }),
    usage: NO_USAGE,
    cost: NO_COST,
  };
  emit(draft, "run.start", { run: started, holds });
}

/** Nothing while a call is unanswered: a branch must not go back to between a call and its answer. */
export function baseOf(branch: BranchHead): RunBase | undefined {
  const { segment, position, messageId, count, turnId, floor, pending } = branch;
  if (pending.length > 0) return undefined;
  return { segment, position, messageId, count, turnId, ...(floor && { floor }) };
}
