import type { Command, RunAction, RunProgressCommand } from "../command.ts";
import { own } from "../own.ts";
import type { Draft } from "./draft.ts";
import { emit } from "./draft.ts";
import { SkeinError } from "../error.ts";
import { LIMITS } from "../limits.ts";
import { userOf } from "../principal.ts";
import { DEFAULT_AGENT, isEnded, NOBODY, RUN_TRANSITIONS } from "../run.ts";
import type { NewRun, Run, RunError, RunEvent, RunStatus } from "../run.ts";
import { NO_COST, NO_USAGE } from "../usage.ts";
import { branchIn, closeCalls, nextPlace, pendingAfter, placeMessage } from "./place.ts";

interface Start {
  readonly branch: string;
  readonly run: NewRun;
  readonly inputIds: readonly string[];
  readonly holds: boolean;
}

export function startRun(draft: Draft, { branch, run, inputIds, holds }: Start): void {
  const { head, context } = draft;
  if (head.activity.runs.length >= LIMITS.unendedRuns)
    throw new SkeinError(
      "limit_exceeded",
      `At most ${LIMITS.unendedRuns} runs of a thread can wait.`,
      {
        details: { limit: LIMITS.unendedRuns },
      },
    );
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
    usage: NO_USAGE,
    cost: NO_COST,
  };
  emit(draft, "run.start", { run: started, holds });
}

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
    run: { status, fence: run.fence + 1, owner, startedAt: run.startedAt ?? draft.context.at },
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
      return placeMessage(
        draft,
        run.branch,
        { ...action.message, runId: run.id },
        { turnId: run.turnId ?? undefined },
      );
    case "run.release":
      return emit(draft, "run.update", { runId: run.id, run: { owner: NOBODY } });
    case "run.event": {
      const next = transition(run, action.event);
      if (isEnded(next)) return endRun(draft, run, action.event, action.error);
      if (next === "requires_action") requireNothingOpen(draft, run);
      return emit(draft, "run.update", {
        runId: run.id,
        event: action.event,
        run: { status: next },
      });
    }
  }
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

/** Ends a run, closes what it left unanswered, and gives the branch to who waits next. */
export function endRun(draft: Draft, run: Run, event: RunEvent, error?: RunError): void {
  const held = own(draft.head.activity.holds, run.branch) === run.id;
  requireNothingOpen(draft, run);
  if (held) closeCalls(draft, run.branch, `The run ended (${event}) before the tool answered.`);
  const now = runIn(draft, run.id);
  emit(draft, "run.end", {
    runId: run.id,
    event,
    run: {
      status: transition(run, event),
      endedAt: draft.context.at,
      usage: now.usage,
      cost: now.cost,
      ...(now.lastMessageId !== undefined && { lastMessageId: now.lastMessageId }),
      ...(error && { error }),
    },
  });
  if (held) admitNext(draft, run.branch);
}

/** A run writes one message at a time, and leaves none open when it stops. */
function requireNothingOpen(draft: Draft, { id }: Run): void {
  const open = draft.head.activity.open.find(({ runId }) => runId === id);
  if (open !== undefined)
    throw new SkeinError(
      "invalid_transition",
      `Run ${id} is still writing message ${open.messageId}.`,
      { details: { message_id: open.messageId } },
    );
}

/** The next queued run takes the branch in the same commit, with its input and what was said before it. */
function admitNext(draft: Draft, branch: string): void {
  const { activity } = draft.head;
  const next = activity.runs.find((run) => run.branch === branch && run.status === "queued");
  const waiting = activity.queued.filter((queued) => queued.branch === branch);
  const last =
    next === undefined
      ? waiting.length - 1
      : waiting.findLastIndex(({ messageId }) => next.inputIds.includes(messageId));
  let turnId: string | undefined;
  for (const { messageId, preview } of waiting.slice(0, last + 1)) {
    turnId = preview === null || preview.role === "user" ? (turnId ?? messageId) : turnId;
    const head = branchIn(draft, branch);
    const place = nextPlace(draft, head, {
      turnId: turnId ?? head.turnId ?? messageId,
      pending: head.pending,
    });
    emit(draft, "message.dequeue", { messageId, branch, place });
    if (next !== undefined && !next.inputIds.includes(messageId)) turnId = undefined;
  }
  if (next !== undefined)
    emit(draft, "run.update", {
      runId: next.id,
      run: { turnId: branchIn(draft, branch).turnId },
      holds: true,
    });
}

function runIn(draft: Draft, runId: string): Run {
  const run = draft.head.activity.runs.find(({ id }) => id === runId);
  if (run === undefined)
    throw new SkeinError(
      "run_ended",
      `Run ${runId} is not among the thread's runs that have not ended.`,
      {
        details: { run_id: runId },
      },
    );
  return run;
}

function leaseLost(run: Run, fence: number): SkeinError {
  return new SkeinError("lease_lost", `Run ${run.id} is at fence ${run.fence}, not ${fence}.`, {
    details: { fence: run.fence },
  });
}

function transition(run: Run, event: RunEvent): RunStatus {
  const next = RUN_TRANSITIONS[run.status][event];
  if (next === "ignore") return run.status;
  if (next === "refuse")
    throw new SkeinError(
      "invalid_transition",
      `A run that is ${run.status} cannot ${event.replaceAll("_", " ")}.`,
      {
        details: { status: run.status, event },
      },
    );
  return next;
}
