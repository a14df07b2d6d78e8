import type { AppendCommand } from "../command.ts";
import { SkeinError } from "../error.ts";
import type { Facts } from "../facts.ts";
import { LIMITS } from "../limits.ts";
import type { NewMessage } from "../message.ts";
import type { NewRun, RunBase, RunError } from "../run.ts";
import { own } from "../own.ts";
import { MAIN } from "../thread.ts";
import { checkPin } from "./compact.ts";
import { branchAt, freeBranchName } from "./cut.ts";
import { emit } from "./draft.ts";
import type { Draft } from "./draft.ts";
import {
  bodyOf,
  branchIn,
  checkToolParts,
  closeForInput,
  placeMessage,
  titleFrom,
  unarchive,
} from "./place.ts";
import { endRun } from "./end-run.ts";
import { cancelRun } from "./run.ts";
import { baseOf, startRun } from "./start-run.ts";

/** Appends, or queues while a run holds the branch, and asks for a run. Returns the branch it happened on. */
export function append(draft: Draft, command: AppendCommand, facts: Facts): string {
  const { messages, run } = command;
  checkGivenIds(messages, facts);
  unarchive(draft);
  const target = targetBranch(draft, command, facts);
  if (Object.hasOwn(draft.head.activity.holds, target)) {
    if (isTakingOver(run)) takeOver(draft, target, { ...command, run });
    else enqueue(draft, target, command);
    return target;
  }
  let base: RunBase | undefined;
  let turnId: string | undefined;
  let before: NewMessage | undefined;
  for (const message of messages) {
    // Messages that a person sends together are one turn.
    if (message.role === "user" && before?.role !== "user") turnId = message.id;
    if (run !== undefined && base === undefined) {
      if (message.role !== "tool") closeForInput(draft, target, message);
      base = baseOf(branchIn(draft, target));
    }
    placeMessage(draft, target, message, { turnId });
    before = message;
  }
  if (run !== undefined) base ??= baseOf(branchIn(draft, target));
  if (run !== undefined) startRun(draft, { branch: target, run, inputIds: [], holds: true, base });
  return target;
}

function isTakingOver(run: NewRun | undefined): run is NewRun {
  return run?.strategy === "interrupt" || run?.strategy === "rollback";
}

/** The run that holds the branch is cancelled; those that wait are answered for by the new one, which is the next. */
function takeOver(
  draft: Draft,
  branch: string,
  command: AppendCommand & { readonly run: NewRun },
): void {
  const held = own(draft.head.activity.holds, branch) ?? "";
  const { strategy, id } = command.run;
  for (const run of draft.head.activity.runs.filter((other) => other.branch === branch))
    if (run.id !== held) endRun(draft, run, "cancel", supersededBy(id));
  enqueue(draft, branch, command);
  if (strategy === "rollback")
    emit(draft, "run.update", { runId: held, run: { isRolledBack: true } });
  cancelRun(draft, held);
}

function supersededBy(runId: string): RunError {
  return { code: "run_superseded", message: `Run ${runId} answers for this one.` };
}

function enqueue(draft: Draft, branch: string, { messages, run }: AppendCommand): void {
  const { activity } = draft.head;
  const active = own(activity.holds, branch) ?? "";
  if (
    run?.strategy === "reject" ||
    messages.some(({ role }) => role === "assistant" || role === "tool")
  )
    throw new SkeinError("run_active", `Run ${active} holds branch ${branch}.`, {
      details: { run_id: active },
      retryAfterMs: 1000,
    });
  if (activity.queued.length + messages.length > LIMITS.queuedMessages)
    throw new SkeinError("limit_exceeded", `At most ${LIMITS.queuedMessages} messages can wait.`);
  for (const message of messages) {
    checkToolParts(message, []);
    checkPin(draft, message.id, message.metadata);
    const body = { ...bodyOf(message), status: "queued" as const };
    emit(draft, "message.enqueue", { message: body, branch, ...(run && { runId: run.id }) });
    titleFrom(draft, branch, message);
  }
  if (run === undefined) return;
  // A run that comes without words answers those that wait for no other run.
  const unanswered = activity.queued.filter(
    (queued) => queued.branch === branch && queued.runId === undefined,
  );
  const inputIds =
    messages.length > 0
      ? messages.map(({ id }) => id)
      : unanswered.map(({ messageId }) => messageId);
  startRun(draft, { branch, run, inputIds, holds: false });
}

/** Where the messages belong: at the head, or beside it when they answer a context that has moved on. */
function targetBranch(draft: Draft, command: AppendCommand, facts: Facts): string {
  const branch = branchIn(draft, command.branch ?? MAIN);
  const { parentId, messages } = command;
  if (parentId === undefined || parentId === branch.messageId) return branch.name;
  // Who answers a message that waits is in the queue behind it.
  const isBehindQueued = draft.head.activity.queued.some(
    (queued) => queued.messageId === parentId && queued.branch === branch.name,
  );
  if (isBehindQueued) return branch.name;
  // A person's words fit any later state of the conversation; an answer only the one it was made from.
  const isInput = messages.every(({ role }) => role !== "assistant" && role !== "tool");
  const parent = parentId === null ? null : own(facts.messages, parentId);
  if (parent === undefined || (parent === null && parentId !== null))
    throw new SkeinError("message_not_found", `There is no message ${parentId}.`, {
      field: "parent_id",
    });
  if (isInput && (parent === null || parent.isOnPath)) return branch.name;
  // A later push on a parent that already has its own branch follows it there.
  const grown = Object.values(draft.head.branches).find(
    (other) =>
      other.messageId === parentId && other.of === branch.name && other.reason === "diverged",
  );
  if (grown !== undefined) return grown.name;
  const name = freeBranchName(draft, branch.name);
  emit(draft, "branch.create", {
    branch: branchAt(draft, parent, { name, reason: "diverged", of: branch.name }),
  });
  return name;
}

export function checkGivenIds(
  messages: readonly Pick<NewMessage, "id" | "isGivenId">[],
  facts: Facts,
): void {
  // Minted ids are new, and looking them up costs more than deciding the rest.
  if (!messages.some(({ isGivenId }) => isGivenId === true)) return;
  const ids = new Set<string>();
  for (const { id } of messages) {
    const taken = own(facts.given, id);
    if ((taken !== undefined && taken !== null) || ids.has(id))
      throw new SkeinError("id_conflict", `The message id ${id} is taken.`, {
        field: "id",
        details: { id },
      });
    ids.add(id);
  }
}
