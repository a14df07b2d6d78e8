import { bareAction } from "../erased-action.ts";
import { SkeinError } from "../error.ts";
import { LIMITS } from "../limits.ts";
import { own } from "../own.ts";
import { RUN_TRANSITIONS } from "../run-transitions.ts";
import type { RunEvent } from "../run-transitions.ts";
import type { Run, RunError, RunStatus } from "../run.ts";
import { moveTo } from "./cut.ts";
import { emit } from "./draft.ts";
import type { Draft } from "./draft.ts";
import { branchIn, closeCalls, nextPlace } from "./place.ts";
import { baseOf } from "./start-run.ts";

/** Ends a run, closes what it left unanswered, and gives the branch to who waits next. */
export function endRun(draft: Draft, run: Run, event: RunEvent, error?: RunError): void {
  const held = own(draft.head.activity.holds, run.branch) === run.id;
  requireNothingOpen(draft, run);
  const why = `The run ended (${event}) before the tool answered.`;
  if (held) closeCalls(draft, run.branch, why, callsInDoubt(runIn(draft, run.id)));
  const now = runIn(draft, run.id);
  emit(draft, "run.end", {
    runId: run.id,
    event,
    run: {
      status: transition(run, event),
      endedAt: draft.context.at,
      ...figuresOf(now),
      ...(error && { error }),
    },
  });
  if (!held) return;
  if (now.isRolledBack === true) rollBack(draft, now);
  admitNext(draft, run.branch);
}

/** Calls that were interrupted, and nobody has said whether they were carried out. */
function callsInDoubt({ actions = [] }: Run): readonly string[] {
  return actions.flatMap(({ kind, status, callId }) =>
    kind === "verify" && status !== "done" && callId !== undefined ? [callId] : [],
  );
}

/** Everything that may have changed in the commit that ends the run: stores keep of it what this says. */
function figuresOf(run: Run): Partial<Run> {
  const { usage, cost, agentId, attempts, segment, journalFrom, lastMessageId } = run;
  const { actions, signals, customStatus, called } = run;
  return {
    usage,
    cost,
    agentId,
    ...(attempts !== undefined && { attempts }),
    ...(segment !== undefined && { segment }),
    ...(journalFrom !== undefined && { journalFrom }),
    ...(lastMessageId !== undefined && { lastMessageId }),
    // Nobody is waited for any more, and nobody has to read what was asked and given.
    ...(actions && {
      actions: actions.filter(({ status }) => status !== "waiting").map(bareAction),
    }),
    ...(signals && { signals }),
    ...(customStatus !== undefined && { customStatus }),
    ...(called && { called }),
  };
}

/** A run writes one message at a time, and leaves none open when it stops. */
export function requireNothingOpen(draft: Draft, { id }: Run): void {
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
  const base = baseOf(branchIn(draft, branch));
  let turnId: string | undefined;
  for (const { messageId, role, preview } of waiting.slice(0, last + 1)) {
    const isWords = (role ?? preview?.role ?? "user") === "user";
    turnId = isWords ? (turnId ?? messageId) : turnId;
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
      run: { turnId: branchIn(draft, branch).turnId, ...(base && { base }) },
      holds: true,
    });
}

/** The branch stands again where it stood before the run and what it was asked; what came of it stays as `main~n`. */
function rollBack(draft: Draft, { branch, base }: Run): void {
  const left = branchIn(draft, branch);
  const isFull = Object.keys(draft.head.branches).length >= LIMITS.branches;
  // Without a name for what it leaves, the branch keeps it: ending must never fail.
  if (base === undefined || base.messageId === left.messageId || isFull) return;
  const { name, reason, of, createdAt } = left;
  const kept = { name, reason, createdAt, ...(of !== undefined && { of }) };
  const fact = base.messageId === null ? null : own(draft.facts.messages, base.messageId);
  moveTo(draft, { ...kept, ...base, isTip: false, pending: [] }, fact?.lastMessage ?? null);
}

export function runIn(draft: Draft, runId: string): Run {
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

export function transition(run: Run, event: RunEvent): RunStatus {
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
