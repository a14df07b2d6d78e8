import type { Op, OpData } from "../entry.ts";
import { SkeinError } from "../error.ts";
import { NO_FACTS } from "../facts.ts";
import type { Facts } from "../facts.ts";
import type { MessageBody } from "../message.ts";
import { own } from "../own.ts";
import { userOf } from "../principal.ts";
import type { RunEvent } from "../run-transitions.ts";
import type { RunStatus } from "../run.ts";
import type {
  BroughtBranch,
  BroughtMessage,
  BroughtRun,
  ThreadContent,
} from "../thread-content.ts";
import type { BranchHead } from "../thread.ts";
import { NO_COST, NO_USAGE } from "../usage.ts";
import { branchAt, factOf, requireFree } from "./cut.ts";
import { emit } from "./draft.ts";
import type { Draft } from "./draft.ts";
import {
  branchIn,
  checkToolParts,
  closeForInput,
  nextPlace,
  pendingAfter,
  unarchive,
} from "./place.ts";

/** Fills a new thread with what another one said: every message at its time, every branch under its name, runs that ended. */
export function bringContent(draft: Draft, content: ThreadContent): void {
  for (const run of content.runs) bringRun(draft, run);
  if (Object.keys(content.state).length > 0) emit(draft, "state.patch", { patch: content.state });
  const tree = { messages: new Map(content.messages.map((it) => [it.id, it])), ends: new Map() };
  for (const branch of content.branches) bringBranch(draft, branch, tree);
  if (content.isArchived) emit(draft, "thread.archive", {});
  emit(draft, "custom", { name: "import", data: content.origin });
}

/** Adds to the ends of branches what another copy of the thread has said since, and the branches that it has made. */
export function bringFurther(draft: Draft, content: ThreadContent, facts: Facts): void {
  unarchive(draft);
  for (const run of content.runs) bringRun(draft, run);
  if (Object.keys(content.state).length > 0) emit(draft, "state.patch", { patch: content.state });
  const tree = { messages: new Map(content.messages.map((it) => [it.id, it])), ends: new Map() };
  for (const branch of content.branches) bringBranch(draft, branch, tree, facts);
  emit(draft, "custom", { name: "import", data: content.origin });
}

interface Tree {
  readonly messages: ReadonlyMap<string, BroughtMessage>;
  /** Of every message that has its place, what a branch is that ends there. */
  readonly ends: Map<string, End>;
}

interface End {
  readonly head: BranchHead;
  /** A message on the path was erased: which calls it made or answered is not known any more. */
  readonly isLoose: boolean;
}

function bringBranch(
  draft: Draft,
  branch: BroughtBranch,
  tree: Tree,
  facts: Facts = NO_FACTS,
): void {
  const path: BroughtMessage[] = [];
  let from = branch.messageId;
  while (from !== null && !tree.ends.has(from)) {
    const message = tree.messages.get(from);
    if (message === undefined) break;
    path.push(message);
    from = message.parentId;
  }
  const end = from === null ? undefined : tree.ends.get(from);
  const there = own(draft.head.branches, branch.name);
  if (there === undefined) {
    const start = end?.head ?? branchAt(draft, factOf(facts, from), branch);
    emitAt(draft, branch.createdAt, "branch.create", { branch: startOf(branch, start) });
  } else {
    requireFree(draft, branch.name);
    if (there.messageId !== from) throw movedOn(branch.name, there.messageId);
  }
  let isLoose = end?.isLoose ?? false;
  for (const message of path.toReversed()) {
    isLoose ||= message.redacted === true;
    bringMessage(draft, branch.name, message, isLoose);
    tree.ends.set(message.id, { head: branchIn(draft, branch.name), isLoose });
  }
}

function startOf({ name, reason, of, createdAt }: BroughtBranch, end: BranchHead): BranchHead {
  const { of: _of, ...at } = end;
  return { ...at, name, reason, ...(of !== undefined && { of }), isTip: false, createdAt };
}

function movedOn(branch: string, messageId: string | null): SkeinError {
  return new SkeinError(
    "id_conflict",
    `Branch ${branch} went on differently here, to message ${messageId}. Nothing was added.`,
    { field: "branches", details: { branch, message_id: messageId } },
  );
}

function bringMessage(draft: Draft, name: string, message: BroughtMessage, isLoose: boolean): void {
  const {
    parentId: _parentId,
    turnId,
    createdAt,
    redacted,
    isGivenId: _isGivenId,
    ...body
  } = message;
  if (!isLoose) {
    checkToolParts(message, branchIn(draft, name).pending);
    if (message.role !== "tool") closeForInput(draft, name, message);
  }
  const branch = branchIn(draft, name);
  const place = nextPlace(draft, branch, {
    turnId: turnOf(message, turnId, branch),
    pending: isLoose ? [] : pendingAfter(branch, message.parts),
  });
  emitAt(draft, createdAt, "message.append", { message: body satisfies MessageBody, place });
  if (redacted === true) emitAt(draft, createdAt, "message.redact", { messageId: message.id });
}

/** A turn begins with the message itself or goes on; nothing else can be said of it. */
function turnOf(
  { id, role }: BroughtMessage,
  turnId: string | undefined,
  branch: BranchHead,
): string {
  if (turnId === id || (turnId !== undefined && turnId === branch.turnId)) return turnId;
  return role === "user" ? id : (branch.turnId ?? id);
}

const ENDED_BY: Readonly<Partial<Record<RunStatus, RunEvent>>> = {
  completed: "complete",
  failed: "fail",
  cancelled: "cancel",
  incomplete: "stop_short",
  expired: "expire",
};

function bringRun(draft: Draft, brought: BroughtRun): void {
  const { status, usage, cost, endedAt, error, called, customStatus, lastMessageId, ...run } =
    brought;
  const event = ENDED_BY[status];
  if (event === undefined)
    throw new SkeinError("invalid_request", `Run ${run.id} has not ended.`, { field: "runs" });
  emitAt(draft, run.createdAt, "run.start", {
    run: {
      ...run,
      strategy: "enqueue",
      threadId: draft.head.profile.id,
      status: "queued",
      fence: 0,
      requestedBy: userOf(draft.context.principal),
      inputIds: [],
      usage: NO_USAGE,
      cost: NO_COST,
    },
    holds: false,
  });
  emitAt(draft, endedAt ?? run.createdAt, "run.end", {
    runId: run.id,
    event,
    run: {
      status,
      usage,
      cost,
      endedAt: endedAt ?? run.createdAt,
      ...(error && { error }),
      ...(called && { called }),
      ...(customStatus !== undefined && { customStatus }),
      ...(lastMessageId !== undefined && { lastMessageId }),
    },
  });
}

/** What happened elsewhere is recorded at its own time, and never in the future. */
function emitAt<O extends Op>(draft: Draft, at: number, op: O, data: OpData[O]): void {
  const past = { ...draft, context: { ...draft.context, at: Math.min(at, draft.context.at) } };
  emit(past, op, data);
  draft.head = past.head;
}
