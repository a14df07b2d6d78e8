import { DECISIONS, isSameDecision } from "../action.ts";
import type { Action, Decision } from "../action.ts";
import { checkJsonSize } from "../check-size.ts";
import type { Command, RunAction } from "../command.ts";
import { erasedAction, erasedDecision } from "../erased-action.ts";
import { SkeinError } from "../error.ts";
import { LIMITS } from "../limits.ts";
import { own } from "../own.ts";
import type { ToolResultPart } from "../part.ts";
import type { Run } from "../run.ts";
import { emit, spareId } from "./draft.ts";
import type { Draft } from "./draft.ts";
import { runIn, transition } from "./end-run.ts";
import { branchIn, placeMessage } from "./place.ts";

type Decide = Extract<Command, { type: "run.decide" }>;

/** A run asks for something. Asked again, as after a crash, it has asked already. */
export function requestAction(
  draft: Draft,
  run: Run,
  { action }: Extract<RunAction, { kind: "action.request" }>,
): void {
  const { actions = [] } = run;
  if (actions.some(({ id }) => id === action.id)) return;
  if (actions.length >= LIMITS.actions)
    throw new SkeinError(
      "limit_exceeded",
      `A run asks for at most ${LIMITS.actions} things before it continues anew.`,
      { details: { limit: LIMITS.actions } },
    );
  checkJsonSize({ prompt: action.prompt ?? null, data: action.data ?? null }, "action");
  const asked: Action = { ...action, status: "waiting", requestedAt: draft.context.at };
  const { callMessageId = "" } = action;
  const isRedacted = own(draft.facts.messages, callMessageId)?.isRedacted === true;
  emit(draft, "approval.request", {
    runId: run.id,
    action: isRedacted ? erasedAction(asked) : asked,
  });
}

/** Somebody decides what a run asks for. The same decision again changes nothing, another one is refused. A run that waits goes
 *  on once there is something for it to do. */
export function decideActions(draft: Draft, { runId, decisions }: Decide): void {
  for (const { actionId, decision } of decisions) {
    const run = runIn(draft, runId);
    const action = run.actions?.find(({ id }) => id === actionId);
    if (action === undefined)
      throw new SkeinError("action_not_found", `Run ${runId} asks for no action ${actionId}.`, {
        field: "action_id",
      });
    if (action.status === "waiting") decideAction(draft, run, action, decision);
    else if (!isSameDecision(action.decision, decision, action.redacted === true))
      throw new SkeinError("action_decided", `Action ${actionId} was decided before.`, {
        field: "action_id",
        details: { decided_by: action.decidedBy ?? null },
      });
  }
  resumeRun(draft, runId);
}

function decideAction(draft: Draft, run: Run, action: Action, decision: Decision): void {
  const isSystem = draft.context.actor === "system";
  const allowed = isSystem ? (["output", "due"] as const) : DECISIONS[action.kind];
  if (!allowed.some((type) => type === decision.type))
    throw new SkeinError(
      "invalid_request",
      `Action ${action.id} (${action.kind}) takes ${DECISIONS[action.kind].join(" or ") || "no decision"}.`,
      { field: "decision" },
    );
  const result = resultFor(action, decision);
  if (result === undefined) checkJsonSize(decision, "decision");
  const messageId = result && answerCall(draft, run, result);
  const { callMessageId, redacted } = action;
  // What was answered stands in the thread, once.
  const kept: Decision =
    decision.type === "output" && result !== undefined
      ? { ...decision, output: { type: "text", text: "" } }
      : decision;
  emit(draft, "approval.decide", {
    runId: run.id,
    actionId: action.id,
    decision: redacted === true ? erasedDecision(kept) : kept,
    isDone: result !== undefined,
    ...(messageId !== undefined && { messageId }),
    ...(callMessageId !== undefined && { callMessageId }),
  });
}

/** The result that a decision is by itself; absent when the run has to do something first. */
function resultFor({ callId, name, kind }: Action, decision: Decision): ToolResultPart | undefined {
  if (callId === undefined) return undefined;
  const part = { type: "tool-result", callId, name } as const;
  if (decision.type === "deny")
    return {
      ...part,
      outcome: "denied",
      output: { type: "text", text: decision.reason ?? "A person said no." },
    };
  const isAnswer = kind === "tool_output" || kind === "verify";
  if (decision.type !== "output" || !isAnswer) return undefined;
  return { ...part, outcome: decision.outcome ?? "ok", output: decision.output };
}

function answerCall(draft: Draft, run: Run, result: ToolResultPart): string {
  const id = spareId(draft);
  const message = {
    id,
    role: "tool",
    parts: [result],
    runId: run.id,
  } as const;
  placeMessage(draft, run.branch, message, {
    turnId: run.turnId ?? branchIn(draft, run.branch).turnId ?? undefined,
  });
  return id;
}

export function signalRun(
  draft: Draft,
  { runId, signalId, name, payload }: Extract<Command, { type: "run.signal" }>,
): void {
  const run = runIn(draft, runId);
  if ((run.signals?.length ?? 0) >= LIMITS.signals)
    throw new SkeinError("limit_exceeded", `At most ${LIMITS.signals} events can wait for a run.`, {
      details: { limit: LIMITS.signals },
      retryAfterMs: 1000,
    });
  checkJsonSize(payload, "payload");
  emit(draft, "run.signal", { runId, signalId, name, payload });
  resumeRun(draft, runId);
}

/** What is due decides itself. */
export function wakeRun(draft: Draft, runId: string): void {
  const { at } = draft.context;
  for (const { id, status, dueAt } of runIn(draft, runId).actions ?? [])
    if (status === "waiting" && dueAt !== undefined && dueAt <= at)
      emit(draft, "approval.decide", {
        runId,
        actionId: id,
        decision: { type: "due" },
        isDone: false,
      });
  resumeRun(draft, runId);
}

/** A run that waits goes on if it can use anything of what it waited for, or waits for nothing.
 *  @param seen  what its worker knows of and has no use for: it would only look at it again */
export function resumeRun(draft: Draft, runId: string, seen: readonly string[] = []): void {
  const run = runIn(draft, runId);
  if (run.status !== "requires_action" || !canGoOn(run, seen)) return;
  emit(draft, "run.update", {
    runId,
    event: "resume",
    // Somebody has answered: however often it waits, it gets on.
    run: { status: transition(run, "resume"), segment: (run.segment ?? 0) + 1, attempts: 0 },
  });
}

function canGoOn({ actions = [], signals = [] }: Run, seen: readonly string[]): boolean {
  const waiting = actions.filter(({ status }) => status === "waiting");
  const unseen = signals.filter(({ id }) => !seen.includes(id));
  return (
    waiting.length === 0 ||
    actions.some(({ id, status }) => status === "decided" && !seen.includes(id)) ||
    waiting.some(
      ({ kind, name }) => kind === "event" && unseen.some((signal) => signal.name === name),
    )
  );
}
