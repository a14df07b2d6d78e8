import { SkeinError } from "../error.ts";
import type { MessageBody, NewMessage, Place } from "../message.ts";
import { own } from "../own.ts";
import { answeredIdsOf, callIdsOf } from "../part.ts";
import type { Part } from "../part.ts";
import { MAIN } from "../thread.ts";
import type { BranchHead } from "../thread.ts";
import { autoTitle } from "../title.ts";
import { checkPin } from "./compact.ts";
import { emit, spareId } from "./draft.ts";
import type { Draft } from "./draft.ts";

export function branchIn(draft: Draft, name: string): BranchHead {
  const branch = own(draft.head.branches, name);
  if (branch === undefined)
    throw new SkeinError(
      "branch_not_found",
      `Thread ${draft.head.profile.id} has no branch ${name}.`,
      {
        field: "branch",
      },
    );
  return branch;
}

/** What is said in an archived thread, or asked of it, brings it back. */
export function unarchive(draft: Draft): void {
  if (draft.head.profile.archivedAt !== null) emit(draft, "thread.unarchive", {});
}

/** Puts a message at the head of a branch, after closing what a person's message leaves unanswered. */
export function placeMessage(
  draft: Draft,
  branchName: string,
  message: NewMessage,
  { turnId, editOf }: { readonly turnId?: string | undefined; readonly editOf?: string } = {},
): void {
  checkToolParts(message, branchIn(draft, branchName).pending);
  checkPin(draft, message.id, message.metadata);
  if (message.role !== "tool") closeForInput(draft, branchName, message);
  const branch = branchIn(draft, branchName);
  const place = nextPlace(draft, branch, {
    turnId: turnId ?? (message.role === "user" ? message.id : (branch.turnId ?? message.id)),
    pending: pendingAfter(branch, message.parts),
  });
  const body = bodyOf(message);
  emit(draft, "message.append", {
    message: editOf === undefined ? body : { ...body, editOf },
    place,
  });
  titleFrom(draft, branchName, message);
}

/** The next free place on a branch: behind its head, in a new segment if another branch grows this one. */
export function nextPlace(
  draft: Draft,
  branch: BranchHead,
  { turnId, pending }: Pick<Place, "turnId" | "pending">,
): Place {
  const common = {
    branch: branch.name,
    parentId: branch.messageId,
    depth: branch.count,
    turnId,
    pending,
  };
  if (branch.isTip) return { ...common, segment: branch.segment, position: branch.position + 1 };
  return {
    ...common,
    segment: { threadId: draft.head.profile.id, number: draft.head.activity.segments },
    position: 1,
    ...(branch.messageId !== null && {
      continues: { segment: branch.segment, position: branch.position },
    }),
  };
}

/** Answers every open call of a branch with `cancelled`, so that nothing dangles; those in doubt with `unknown`. */
export function closeCalls(
  draft: Draft,
  branchName: string,
  why: string,
  inDoubt: readonly string[] = [],
): void {
  const branch = branchIn(draft, branchName);
  if (branch.pending.length === 0) return;
  const id = spareId(draft);
  const message: MessageBody = {
    id,
    role: "tool",
    status: "completed",
    parts: branch.pending.map((callId) => ({
      type: "tool-result",
      callId,
      name: "",
      outcome: inDoubt.includes(callId) ? "unknown" : "cancelled",
      output: { type: "error", text: why },
    })),
  };
  const place = nextPlace(draft, branch, { turnId: branch.turnId ?? id, pending: [] });
  emit(draft, "message.append", { message, place });
}

/** Calls belong to what an agent says; answers to a tool's message, or beside the call that they answer. */
export function checkToolParts(
  { role, parts }: Pick<NewMessage, "role" | "parts">,
  pending: readonly string[],
): void {
  const called = parts.flatMap((part) => (part.type === "tool-call" ? [part.callId] : []));
  const answered = answeredIdsOf(parts);
  if (called.length > 0 && role !== "assistant")
    throw wrongParts("Only a message of role assistant may call tools.");
  if (answered.length > 0 && role !== "assistant" && role !== "tool")
    throw wrongParts("A tool-result part belongs in a message of role tool.");
  if (answered.length === 0 && role === "tool")
    throw wrongParts("A message of role tool needs a tool-result part.");
  if (new Set(called).size !== called.length)
    throw wrongParts("Two tool calls of one message have the same id.");
  const open = new Set(role === "tool" ? pending : called);
  for (const callId of answered)
    if (!open.delete(callId))
      throw new SkeinError("unknown_tool_call", `No open call ${callId} to answer.`, {
        field: "parts",
        details: { call_id: callId, open: [...pending] },
      });
}

function wrongParts(message: string): SkeinError {
  return new SkeinError("invalid_request", message, { field: "parts" });
}

export function pendingAfter(branch: BranchHead, parts: readonly Part[]): readonly string[] {
  const answered = answeredIdsOf(parts);
  const called = callIdsOf(parts);
  if (answered.length === 0 && called.length === 0) return branch.pending;
  // A message may bring the answer to its own call.
  return [...branch.pending, ...called].filter((id) => !answered.includes(id));
}

export function bodyOf(message: NewMessage): MessageBody {
  const { isGivenId: _isGivenId, ...body } = message;
  return { ...body, status: message.status ?? "completed" };
}

/** The first thing that a person says on `main` names the thread, unless a person named it. */
export function titleFrom(
  draft: Draft,
  branchName: string,
  message: Pick<NewMessage, "id" | "role" | "parts">,
): void {
  const { title, titleSource } = draft.head.profile;
  if (title !== null || titleSource !== "auto" || branchName !== MAIN || message.role !== "user")
    return;
  const automatic = autoTitle(message.parts);
  if (automatic !== null)
    emit(draft, "thread.set", { title: automatic, titleSource: "auto", titleOf: message.id });
}

/** Closes the calls that words leave behind. An answer cannot come before them. */
export function closeForInput(draft: Draft, branchName: string, message: NewMessage): void {
  if (branchIn(draft, branchName).pending.length === 0) return;
  if (message.role === "assistant")
    throw new SkeinError("tool_calls_open", `Branch ${branchName} waits for tool results.`, {
      details: { open: [...branchIn(draft, branchName).pending] },
    });
  closeCalls(draft, branchName, "No result was given before the conversation went on.");
}
