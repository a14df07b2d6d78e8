import type { BranchPoint, EditCommand } from "../command.ts";
import { SkeinError } from "../error.ts";
import type { Facts, MessageFact } from "../facts.ts";
import { LIMITS } from "../limits.ts";
import { isFinal, isInstruction } from "../message.ts";
import { own } from "../own.ts";
import type { NewRun } from "../run.ts";
import { MAIN, oldestVersion } from "../thread.ts";
import type { BranchHead, LastMessage } from "../thread.ts";
import { emit } from "./draft.ts";
import type { Draft } from "./draft.ts";
import { branchIn, placeMessage, unarchive } from "./place.ts";
import { baseOf, startRun } from "./start-run.ts";

type Named = Pick<BranchHead, "name" | "reason"> & { readonly of?: string };

/** A branch whose head is the message of `fact`, or that is empty. It shares the path; nothing is copied. */
export function branchAt(draft: Draft, fact: MessageFact | null, named: Named): BranchHead {
  const createdAt = draft.context.at;
  const root = { threadId: draft.head.profile.id, number: 0 };
  if (fact === null)
    return {
      ...named,
      segment: root,
      position: 0,
      messageId: null,
      count: 0,
      turnId: null,
      isTip: false,
      pending: [],
      createdAt,
    };
  requirePath(draft, fact);
  // What has its own context continues it, open calls included; any other branch starts behind a whole group.
  const place = named.reason === "diverged" ? requirePlaced(fact) : requireCut(fact);
  return {
    ...named,
    segment: place.segment,
    position: place.position,
    messageId: fact.id,
    count: place.depth + 1,
    ...(fact.floor && { floor: fact.floor }),
    turnId: place.turnId,
    isTip: false,
    pending: place.pending,
    createdAt,
  };
}

/** `main~1`, `main~2` …: the first that is free. */
export function freeBranchName(draft: Draft, of: string): string {
  const { branches, activity } = draft.head;
  if (Object.keys(branches).length >= LIMITS.branches)
    throw new SkeinError(
      "limit_exceeded",
      `A thread has at most ${LIMITS.branches} branches. Remove some first.`,
      {
        details: { limit: LIMITS.branches },
      },
    );
  for (let n = Math.max(1, activity.branchesMade - LIMITS.branches); ; n++) {
    const name = `${of}~${n}`;
    if (!Object.hasOwn(branches, name)) return name;
  }
}

export function createBranch(
  draft: Draft,
  command: { readonly name?: string; readonly at: BranchPoint },
  facts: Facts,
): void {
  const name = command.name ?? freeBranchName(draft, MAIN);
  if (Object.hasOwn(draft.head.branches, name))
    throw new SkeinError("branch_exists", `Branch ${name} exists.`, { field: "name" });
  freeBranchName(draft, MAIN);
  if ("branch" in command.at) {
    const origin = branchIn(draft, command.at.branch);
    requireFree(draft, origin.name);
    if (origin.pending.length > 0) throw splitGroup(origin.messageId ?? "");
    const { of: _of, ...head } = origin;
    const createdAt = draft.context.at;
    emit(draft, "branch.create", {
      branch: { ...head, name, isTip: false, reason: "fork", of: origin.name, createdAt },
    });
    return;
  }
  const fact = factOf(facts, command.at.messageId);
  emit(draft, "branch.create", { branch: branchAt(draft, fact, { name, reason: "fork" }) });
}

export function renameBranch(draft: Draft, from: string, to: string): void {
  branchIn(draft, from);
  requireOther(draft, from);
  if (Object.hasOwn(draft.head.branches, to))
    throw new SkeinError("branch_exists", `Branch ${to} exists.`, { field: "name" });
  emit(draft, "branch.rename", { from, to });
}

/** The branch goes; its messages stay in the log. */
export function removeBranch(draft: Draft, name: string): void {
  branchIn(draft, name);
  requireOther(draft, name);
  emit(draft, "branch.remove", { name });
}

/** Moves a branch back; the path that it leaves stays as `name~n`. */
export function truncate(draft: Draft, name: string, to: string | null, facts: Facts): void {
  const branch = branchIn(draft, name);
  requireFree(draft, name);
  if (to === branch.messageId) return;
  const fact = factOf(facts, to);
  if (fact !== null && !fact.isOnPath) throw notOnBranch(fact.id, name);
  moveTo(draft, branchAt(draft, fact, identityOf(branch)), fact?.lastMessage ?? null);
}

/** A sibling of a message takes its place; what followed stays as `name~n`. */
export function edit(draft: Draft, command: EditCommand, facts: Facts): void {
  const branch = branchIn(draft, command.branch);
  requireFree(draft, branch.name);
  unarchive(draft);
  const fact = factOf(facts, command.messageId);
  if (fact === null || !fact.isOnPath) throw notOnBranch(command.messageId, branch.name);
  if (fact.place === null || fact.role === "tool") throw splitGroup(command.messageId);
  requirePath(draft, fact);
  if (fact.place.depth > 0 && fact.place.depth === fact.floor?.depth)
    throw trimmedBefore(draft, fact.id);
  moveTo(draft, before(draft, fact, branch), fact.parent?.lastMessage ?? null);
  const base = baseOf(branchIn(draft, branch.name));
  placeMessage(draft, branch.name, command.message, { editOf: command.messageId });
  if (command.run !== undefined)
    startRun(draft, { branch: branch.name, run: command.run, inputIds: [], holds: true, base });
}

/** Goes back to the input of a turn and asks for another answer. */
export function regenerate(
  draft: Draft,
  command: { readonly branch: string; readonly messageId: string; readonly run: NewRun },
  facts: Facts,
): void {
  unarchive(draft);
  truncate(draft, command.branch, command.messageId, facts);
  const base = baseOf(branchIn(draft, command.branch));
  startRun(draft, { branch: command.branch, run: command.run, inputIds: [], holds: true, base });
}

/** Refused while a run holds the branch. */
export function requireFree(draft: Draft, name: string): void {
  const runId = own(draft.head.activity.holds, name);
  if (runId !== undefined)
    throw new SkeinError("run_active", `Run ${runId} holds branch ${name}.`, {
      details: { run_id: runId },
      retryAfterMs: 1000,
    });
}

export function moveTo(draft: Draft, target: BranchHead, lastMessage: LastMessage | null): void {
  const old = branchIn(draft, target.name);
  const kept: BranchHead | undefined =
    old.messageId === null
      ? undefined
      : { ...old, name: freeBranchName(draft, old.name), reason: "cut", of: old.name };
  // An empty branch that still grows its first segment goes on doing so.
  const branch = kept === undefined && target.messageId === null ? old : target;
  emit(draft, "branch.move", { branch, ...(kept && { kept }), lastMessage });
}

function before(draft: Draft, fact: MessageFact, branch: BranchHead): BranchHead {
  const { parent, place } = fact;
  if (parent === null || place === null) return branchAt(draft, null, identityOf(branch));
  return {
    ...identityOf(branch),
    segment: parent.segment,
    position: parent.position,
    messageId: place.parentId,
    count: place.depth,
    ...(fact.floor && { floor: fact.floor }),
    turnId: parent.turnId,
    isTip: false,
    pending: [],
    createdAt: branch.createdAt,
  };
}

function identityOf({ name, reason, of }: BranchHead): Named {
  return { name, reason, ...(of !== undefined && { of }) };
}

function requireCut(fact: MessageFact): NonNullable<MessageFact["place"]> {
  const place = requirePlaced(fact);
  if (place.pending.length > 0) throw splitGroup(fact.id);
  return place;
}

function requirePlaced({ id, place, status }: MessageFact): NonNullable<MessageFact["place"]> {
  if (place === null)
    throw new SkeinError("message_not_found", `Message ${id} still waits for its place.`, {
      field: "message_id",
    });
  if (!isFinal(status)) throw new SkeinError("run_active", `Message ${id} is still being written.`);
  return place;
}

export function factOf(facts: Facts, id: string | null): MessageFact | null {
  if (id === null) return null;
  const fact = own(facts.messages, id);
  if (fact === undefined || fact === null)
    throw new SkeinError("message_not_found", `There is no message ${id}.`, {
      field: "message_id",
    });
  return fact;
}

/** What was kept for its instructions alone stands above its branch's floor: the path to it is gone. */
function requirePath(draft: Draft, { id, role, place, floor }: MessageFact): void {
  if (place === null || place.depth === 0 || floor !== undefined || !isInstruction(role)) return;
  const floors = draft.head.profile.trim?.floors ?? [];
  if (floors.some(({ depth }) => depth > place.depth)) throw trimmedBefore(draft, id);
}

function trimmedBefore(draft: Draft, id: string): SkeinError {
  return new SkeinError("trimmed", `What stood before message ${id} was trimmed.`, {
    field: "message_id",
    details: { oldest: oldestVersion(draft.head) },
  });
}

function requireOther(draft: Draft, name: string): void {
  if (name === MAIN)
    throw new SkeinError("branch_protected", "`main` cannot be renamed or removed.");
  requireFree(draft, name);
}

function notOnBranch(id: string, branch: string): SkeinError {
  return new SkeinError("message_not_found", `Message ${id} is not on branch ${branch}.`, {
    field: "message_id",
  });
}

function splitGroup(id: string): SkeinError {
  return new SkeinError(
    "tool_group_split",
    `A cut at message ${id} would separate a tool call from its result. Cut before the call or after the last result.`,
    { field: "message_id" },
  );
}
