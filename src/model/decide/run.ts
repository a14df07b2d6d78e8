import type { Command, RunAction, RunProgressCommand } from "../command.ts";
import { SkeinError } from "../error.ts";
import type { Json } from "../json.ts";
import { own } from "../own.ts";
import { checkJsonSize } from "../check-size.ts";
import { LIMITS } from "../limits.ts";
import { answeredIdsOf } from "../part.ts";
import { isEnded, RUN_TRANSITIONS } from "../run-transitions.ts";
import { NOBODY } from "../run.ts";
import type { Run } from "../run.ts";
import { addCost, addUsage, NO_COST, NO_USAGE } from "../usage.ts";
import { requestAction, resumeRun } from "./actions.ts";
import { emit } from "./draft.ts";
import type { Draft } from "./draft.ts";
import { compact } from "./compact.ts";
import { recordFiles } from "./files.ts";
import { endRun, requireNothingOpen, runIn, transition } from "./end-run.ts";
import { branchIn, nextPlace, pendingAfter, placeMessage } from "./place.ts";
import { addLink } from "./link.ts";
import { patchState } from "./shared.ts";

type ClaimCommand = Extract<Command, { type: "run.claim" }>;

/** A worker takes the run that holds its branch. The fence rises, so an earlier worker cannot write any more. */
export function claimRun(draft: Draft, { runId, owner, fence }: ClaimCommand): void {
  const run = runIn(draft, runId);
  if (fence !== undefined && fence !== run.fence) throw leaseLost(run, fence);
  if (own(draft.head.activity.holds, run.branch) !== runId)
    throw new SkeinError("invalid_transition", `Run ${runId} waits for its branch.`);
  const status = transition(run, "claim");
  emit(draft, "run.update", {
    runId,
    event: "claim",
    run: {
      status,
      fence: run.fence + 1,
      owner,
      attempts: (run.attempts ?? 0) + 1,
      startedAt: run.startedAt ?? draft.context.at,
    },
  });
}

export function cancelRun(draft: Draft, runId: string): void {
  const run = draft.head.activity.runs.find(({ id }) => id === runId);
  // An ended run stays as it is; the engine answers with it.
  if (run === undefined) return;
  const status = RUN_TRANSITIONS[run.status].request_cancel;
  if (status === "ignore" || status === "refuse") return;
  if (isEnded(status)) endRun(draft, run, "request_cancel");
  else emit(draft, "run.update", { runId, event: "request_cancel", run: { status } });
}

/** A run whose time is over ends; while somebody works on it, that is for the worker to do. */
export function expireRun(draft: Draft, runId: string): void {
  const run = runIn(draft, runId);
  const isDue = run.expiresAt !== undefined && run.expiresAt <= draft.context.at;
  if (!isDue || run.status === "running" || run.status === "cancelling") return;
  endRun(draft, run, "expire", EXPIRED);
}

const EXPIRED = {
  code: "run_expired",
  message: "The run was not done when its time was over.",
} as const;

export function progressRun(draft: Draft, command: RunProgressCommand): void {
  for (const action of command.actions) {
    const run = runIn(draft, command.runId);
    if (run.fence !== command.fence || (run.status !== "running" && run.status !== "cancelling"))
      throw leaseLost(run, command.fence);
    act(draft, run, action);
  }
}

function act(draft: Draft, run: Run, action: RunAction): void {
  switch (action.kind) {
    case "step.start":
      return emit(draft, "step.start", { step: action.step });
    case "step.end":
      return emit(draft, "step.end", { step: action.step });
    case "message.open":
      return openMessage(draft, run, action);
    case "message.commit":
      return commitMessage(draft, run, action);
    case "message.append":
      requireNothingOpen(draft, run);
      placeMessage(
        draft,
        run.branch,
        { ...action.message, runId: run.id },
        { turnId: run.turnId ?? undefined },
      );
      return settleActions(draft, run.id, answeredIdsOf(action.message.parts));
    case "action.request":
      return requestAction(draft, run, action);
    case "action.done":
      return settleActions(draft, run.id, [action.actionId]);
    case "signal.take": {
      const signals = run.signals?.filter(({ id }) => id !== action.signalId) ?? [];
      return emit(draft, "run.update", { runId: run.id, run: { signals } });
    }
    case "run.status":
      checkJsonSize(action.customStatus, "custom_status", LIMITS.customStatusBytes);
      return emit(draft, "run.update", {
        runId: run.id,
        run: { customStatus: action.customStatus },
      });
    case "run.handover":
      return emit(draft, "run.update", { runId: run.id, run: { agentId: action.agentId } });
    case "run.continue":
      return continueRun(draft, run, action.input);
    case "run.called": {
      const { usage, cost } = run.called ?? { usage: NO_USAGE, cost: NO_COST };
      const called = { usage: addUsage(usage, action.usage), cost: addCost(cost, action.cost) };
      return emit(draft, "run.update", { runId: run.id, run: { called } });
    }
    case "link.add":
      return addLink(draft, action.link);
    case "compact":
      return compact(draft, { ...action.compaction, runId: run.id });
    case "files":
      return recordFiles(draft, action.record, run);
    case "state.patch":
      return patchState(draft, action);
    case "run.release":
      return emit(draft, "run.update", { runId: run.id, run: { owner: NOBODY } });
    case "run.event": {
      const next = transition(run, action.event);
      if (isEnded(next)) return endRun(draft, run, action.event, action.error);
      if (next === "requires_action") requireNothingOpen(draft, run);
      emit(draft, "run.update", { runId: run.id, event: action.event, run: { status: next } });
      // It may have been decided while the worker made up its mind to wait.
      return resumeRun(draft, run.id, action.seen);
    }
  }
}

/** What was asked for and is used now is not waited for any more. */
function settleActions(draft: Draft, runId: string, ids: readonly string[]): void {
  const { actions = [] } = runIn(draft, runId);
  const settled = actions.flatMap(({ id, callId, status }) => {
    const isMeant = ids.includes(id) || (callId !== undefined && ids.includes(callId));
    return isMeant && status !== "done" ? [id] : [];
  });
  if (settled.length > 0) emit(draft, "run.update", { runId, run: {}, settled });
}

/** The journal begins anew; events that were not taken stay. */
function continueRun(draft: Draft, run: Run, input: Json): void {
  requireNothingOpen(draft, run);
  checkJsonSize({ input }, "input");
  const segment = (run.segment ?? 0) + 1;
  emit(draft, "run.update", {
    runId: run.id,
    run: { segment, journalFrom: segment, input, actions: [], attempts: 0 },
  });
}

function openMessage(
  draft: Draft,
  run: Run,
  action: Extract<RunAction, { kind: "message.open" }>,
): void {
  const { kind: _kind, ...message } = action;
  requireNothingOpen(draft, run);
  const branch = branchIn(draft, run.branch);
  if (branch.pending.length > 0)
    throw new SkeinError("tool_calls_open", `Branch ${run.branch} waits for tool results.`);
  const place = nextPlace(draft, branch, {
    turnId: run.turnId ?? branch.turnId ?? message.id,
    pending: [],
  });
  emit(draft, "message.open", {
    message: { ...message, status: "in_progress", parts: [], runId: run.id },
    place,
  });
}

function commitMessage(
  draft: Draft,
  run: Run,
  action: Extract<RunAction, { kind: "message.commit" }>,
): void {
  const { kind: _kind, id, ...outcome } = action;
  const open = draft.head.activity.open.find(({ messageId }) => messageId === id);
  if (open === undefined || open.runId !== run.id)
    throw new SkeinError("message_not_found", `Message ${id} is not open for run ${run.id}.`);
  emit(draft, "message.commit", {
    ...outcome,
    messageId: id,
    branch: run.branch,
    pending: pendingAfter(branchIn(draft, run.branch), outcome.parts),
  });
}

function leaseLost(run: Run, fence: number): SkeinError {
  return new SkeinError("lease_lost", `Run ${run.id} is at fence ${run.fence}, not ${fence}.`, {
    details: { fence: run.fence },
  });
}
