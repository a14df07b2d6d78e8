import type { Command, CreateCommand } from "../command.ts";
import type { Entry, Retirement } from "../entry.ts";
import { SkeinError } from "../error.ts";
import type { Facts, MessageFact } from "../facts.ts";
import { LIMITS } from "../limits.ts";
import { isFinal } from "../message.ts";
import { own } from "../own.ts";
import type { MemberRole } from "../principal.ts";
import type { ThreadHead, ThreadProfile } from "../thread.ts";
import { MAIN } from "../thread.ts";
import { requireRole, threadDeleted, threadNotFound } from "./access.ts";
import { append, checkGivenIds } from "./append.ts";
import { bringContent, bringFurther } from "./bring.ts";
import {
  createBranch,
  edit,
  factOf,
  regenerate,
  removeBranch,
  renameBranch,
  truncate,
} from "./cut.ts";
import { emit, openDraft, openNewDraft } from "./draft.ts";
import type { DecideContext, Draft } from "./draft.ts";
import { unarchive } from "./place.ts";
import { restore, set } from "./profile.ts";
import { decideActions, signalRun, wakeRun } from "./actions.ts";
import { checkPin, compact } from "./compact.ts";
import { recordFiles } from "./files.ts";
import { endRun } from "./end-run.ts";
import { cancelRun, claimRun, expireRun, progressRun } from "./run.ts";
import { addLink, removeLink } from "./link.ts";
import { patchState } from "./shared.ts";
import { trim } from "./trim.ts";

export interface Decision {
  /** Empty when the command changes nothing. */
  readonly entries: readonly Entry[];
  readonly head: ThreadHead;
}

/** What a command means at a head. Pure: the same arguments give the same entries.
 *  @throws SkeinError  the rejection; nothing is to be written */
export function decide(
  head: ThreadHead | null,
  command: Command,
  facts: Facts,
  context: DecideContext,
): Decision {
  if (command.type === "create") return finish(create(head, command, facts, context));
  if (head === null) throw threadNotFound(context.threadId);
  requireRole(head, context.principal, roleNeeded(command, context));
  if (head.profile.deletedAt !== null && command.type !== "undelete" && command.type !== "purge")
    throw threadDeleted(head.profile.id);
  checkExpectations(head, "branch" in command ? command.branch : undefined, context);
  requireNotHeld(head, command);
  const draft = openDraft(head, context, facts);
  carryOut(draft, command, facts);
  return finish(draft);
}

/** What a redaction writes to another thread that has the message, deleted or not. It tells nothing of who asked, or why. */
export function noteRedaction(
  head: ThreadHead,
  messageId: string,
  context: DecideContext,
): Decision {
  const threadId = head.profile.id;
  const draft = openDraft(head, { ...context, threadId, actor: "system", opId: messageId });
  emit(draft, "message.redact", { messageId });
  return finish(draft);
}

type Expectations = Pick<DecideContext, "threadId" | "expectedVersion" | "expectedHead">;

const ROLE_NEEDED: Partial<Record<Command["type"], MemberRole>> = {
  delete: "owner",
  undelete: "owner",
  purge: "owner",
  trim: "owner",
  "member.set": "owner",
  "member.remove": "owner",
};

// What would take something of a thread away for good, or from everybody.
const LOSSY: ReadonlySet<Command["type"]> = new Set(["delete", "purge", "trim", "message.redact"]);

function requireNotHeld({ profile: { id, hold } }: ThreadHead, { type }: Command): void {
  if (hold === undefined || !LOSSY.has(type)) return;
  throw new SkeinError(
    "thread_held",
    `Thread ${id} is held: nothing of it may go. Its owner can release it.`,
    { details: { reason: hold.reason ?? null } },
  );
}

function roleNeeded(command: Command, { principal }: DecideContext): MemberRole {
  // What makes a thread go, or keeps it from going.
  if (command.type === "set" && (command.expiry !== undefined || command.hold !== undefined))
    return "owner";
  // Everybody may leave.
  if (command.type === "member.remove" && command.user === principal.user) return "viewer";
  return ROLE_NEEDED[command.type] ?? "editor";
}

function finish({ entries, head }: Draft): Decision {
  return { entries, head };
}

function carryOut(draft: Draft, command: Exclude<Command, CreateCommand>, facts: Facts): void {
  const { profile } = draft.head;
  switch (command.type) {
    case "append":
      return void append(draft, command, facts);
    case "bring":
      checkGivenIds(command.content.messages, facts);
      return bringFurther(draft, command.content, facts);
    case "set":
      return set(draft, command);
    case "archive":
      return profile.archivedAt === null
        ? emit(draft, "thread.archive", retirement(command))
        : undefined;
    case "unarchive":
      return unarchive(draft);
    case "delete":
      endWaitingRuns(draft);
      return emit(draft, "thread.delete", retirement(command));
    case "undelete":
      return undelete(draft);
    case "purge":
      endWaitingRuns(draft);
      return emit(draft, "thread.purge", retirement(command));
    case "member.set":
      return setMember(draft, command);
    case "member.remove":
      requireNotOwner(draft, command.user);
      return Object.hasOwn(profile.members, command.user)
        ? emit(draft, "member.remove", { user: command.user })
        : undefined;
    case "message.annotate":
      requireHeldHere(draft, factOf(facts, command.messageId));
      checkPin(draft, command.messageId, command.values);
      return emit(draft, "message.annotate", {
        messageId: command.messageId,
        values: command.values,
      });
    case "message.redact":
      return redact(draft, command, facts);
    case "message.discard":
      return discard(draft, command.messageId, facts);
    case "branch.create":
      return createBranch(draft, command, facts);
    case "branch.rename":
      return renameBranch(draft, command.name, command.to);
    case "branch.remove":
      return removeBranch(draft, command.name);
    case "truncate":
      return truncate(draft, command.branch, command.to, facts);
    case "edit":
      return edit(draft, command, facts);
    case "regenerate":
      return regenerate(draft, command, facts);
    case "restore":
      return restore(draft, command.target, facts);
    case "run.claim":
      return claimRun(draft, command);
    case "run.cancel":
      return cancelRun(draft, command.runId);
    case "run.decide":
      return decideActions(draft, command);
    case "run.signal":
      return signalRun(draft, command);
    case "run.wake":
      return wakeRun(draft, command.runId);
    case "run.expire":
      return expireRun(draft, command.runId);
    case "state.patch":
      return patchState(draft, command);
    case "link.add":
      return addLink(draft, command.link);
    case "link.remove":
      return removeLink(draft, command);
    case "run.progress":
      return progressRun(draft, command);
    case "batch":
      for (const each of command.commands) carryOut(draft, each, facts);
      return undefined;
    case "trim":
      return trim(draft, command);
    case "compact":
      return compact(draft, command.compaction);
    case "files":
      return recordFiles(draft, command.record);
    case "custom":
      return emit(draft, "custom", {
        name: command.name,
        ...(command.data !== undefined && { data: command.data }),
      });
  }
}

function create(
  head: ThreadHead | null,
  command: CreateCommand,
  facts: Facts,
  context: DecideContext,
): Draft {
  if (head !== null) {
    // Somebody else's thread, or one that was purged, must not be told apart from one that does not exist.
    requireRole(head, context.principal, "viewer");
    if (head.profile.deletedAt !== null) throw threadDeleted(head.profile.id);
    throw new SkeinError("id_conflict", `Thread ${head.profile.id} exists.`, { field: "id" });
  }
  if (!context.principal.scopes.includes("write"))
    throw new SkeinError("forbidden", "This key may only read.");
  // A thread that is not there is at version 0 and has said nothing.
  checkExpectations({ version: 0, branches: {} }, undefined, context);
  const { from, title } = command;
  const profile: ThreadProfile = {
    id: context.threadId,
    tenant: context.principal.tenant,
    owner: command.owner,
    title: title ?? null,
    titleSource: command.titleSource ?? (title === undefined ? "auto" : "human"),
    ...(command.titleOf !== undefined && { titleOf: command.titleOf }),
    agentId: command.agentId ?? null,
    kind: command.kind ?? (from === undefined ? "main" : "fork"),
    metadata: command.metadata ?? {},
    tags: [...new Set(command.tags)],
    members: command.members ?? {},
    ...(command.environment && { environment: command.environment }),
    ...(command.alias !== undefined && { alias: command.alias }),
    ...(command.expiry && { expiry: command.expiry }),
    ...(command.parent && { parent: command.parent }),
    ...(command.context && { context: command.context }),
    ...(command.links && { links: command.links }),
    ...(from && {
      forkedFrom: {
        threadId: from.threadId,
        version: from.version,
        messageId: from.head.messageId,
      },
    }),
    // The log of a fork is whole, however short the path is that it starts with.
    ...(from?.head.floor && { trim: { version: 1, floors: [from.head.floor] } }),
    createdAt: Math.min(command.content?.createdAt ?? context.at, context.at),
    archivedAt: null,
    deletedAt: null,
    purgedAt: null,
  };
  const first = openNewDraft(
    { profile, ...(from && { from }) },
    { ...context, at: profile.createdAt },
  );
  const draft = { ...first, context };
  if (command.append !== undefined) append(draft, command.append, facts);
  if (command.content !== undefined) {
    checkGivenIds(command.content.messages, facts);
    bringContent(draft, command.content);
  }
  return draft;
}

/** Refuses who saw another state of the thread.
 *  @param branch  the one that `expectedHead` is about, default `main` */
export function checkExpectations(
  head: Pick<ThreadHead, "version" | "branches">,
  branch: string = MAIN,
  { threadId, expectedVersion, expectedHead }: Expectations,
): void {
  if (expectedVersion !== undefined && expectedVersion !== head.version)
    throw new SkeinError(
      "version_conflict",
      head.version === 0
        ? `Thread ${threadId} does not exist yet, expected version ${expectedVersion}.`
        : `Thread ${threadId} is at version ${head.version}, expected ${expectedVersion}. Reload and retry.`,
      { field: "expected_version", details: { actual: head.version, expected: expectedVersion } },
    );
  if (expectedHead === undefined) return;
  const actual = own(head.branches, branch)?.messageId ?? null;
  if (actual !== expectedHead)
    throw new SkeinError(
      "version_conflict",
      `Branch ${branch} is at message ${actual}, expected ${expectedHead}.`,
      {
        field: "expected_head",
        details: { actual, expected: expectedHead },
      },
    );
}

function retirement({ reason }: Retirement): Retirement {
  return reason === undefined ? {} : { reason };
}

function setMember(draft: Draft, { user, role }: Extract<Command, { type: "member.set" }>): void {
  const { members } = draft.head.profile;
  requireNotOwner(draft, user);
  const isMember = Object.hasOwn(members, user);
  if (isMember && members[user] === role) return;
  if (!isMember && Object.keys(members).length >= LIMITS.members)
    throw new SkeinError("limit_exceeded", `A thread has at most ${LIMITS.members} members.`, {
      field: "members",
      details: { limit: LIMITS.members },
    });
  emit(draft, "member.set", { user, role });
}

function undelete(draft: Draft): void {
  const { id, deletedAt } = draft.head.profile;
  if (deletedAt === null) return;
  if (draft.context.at - deletedAt > LIMITS.undeleteMs)
    throw new SkeinError("thread_deleted", `Thread ${id} was deleted more than 30 days ago.`);
  emit(draft, "thread.undelete", {});
}

/** A deletion ends what waits; what runs has to be stopped first. */
function endWaitingRuns(draft: Draft): void {
  const working = draft.head.activity.runs.find(
    ({ status }) => status === "running" || status === "cancelling",
  );
  if (working !== undefined)
    throw new SkeinError("run_active", `Run ${working.id} is working. Cancel it first.`, {
      details: { run_id: working.id },
      retryAfterMs: 1000,
    });
  for (;;) {
    const run = draft.head.activity.runs[0];
    if (run === undefined) return;
    endRun(draft, run, "cancel");
  }
}

function redact(
  draft: Draft,
  command: Extract<Command, { type: "message.redact" }>,
  facts: Facts,
): void {
  const fact = factOf(facts, command.messageId);
  if (fact === null || fact.isRedacted) return;
  requireHeldHere(draft, fact);
  if (!isFinal(fact.status) && fact.status !== "queued")
    throw new SkeinError("run_active", `Message ${fact.id} is still being written.`);
  const { messageId, reason } = command;
  emit(draft, "message.redact", { messageId, ...(reason !== undefined && { reason }) });
}

function requireNotOwner(draft: Draft, user: string): void {
  if (draft.head.profile.owner === user)
    throw new SkeinError(
      "invalid_request",
      `${user} owns the thread and is not one of its members.`,
      {
        field: "user",
      },
    );
}

/** A fork shares its origin's messages: what is done to one shows in both, so it takes the right to write to the origin. Of
 *  a message that its writer no longer has, the oldest thread that includes it is the heir. */
function requireHeldHere(draft: Draft, fact: MessageFact | null): void {
  const { id } = draft.head.profile;
  const home = fact?.place?.segment.threadId;
  if (home !== undefined && home !== id && fact?.holders?.[0] !== id)
    throw new SkeinError(
      "forbidden",
      `Message ${fact?.id} is shared with a thread that had it before this one; it can be changed there only.`,
      { field: "message_id" },
    );
}

/** A person takes a waiting message back; a run that only waited with it ends. */
function discard(draft: Draft, messageId: string, facts: Facts): void {
  const queued = draft.head.activity.queued.find((other) => other.messageId === messageId);
  if (queued === undefined) {
    factOf(facts, messageId);
    throw new SkeinError(
      "message_not_queued",
      `Message ${messageId} does not wait any more. It can be redacted, or the branch truncated before it.`,
      { field: "message_id" },
    );
  }
  // Taken back, it says nothing any more: its words go as in a redaction.
  emit(draft, "message.redact", { messageId, reason: "taken back" });
  emit(draft, "message.dequeue", { messageId, branch: queued.branch });
  const run = draft.head.activity.runs.find(({ id }) => id === queued.runId);
  const isWaitedFor = draft.head.activity.queued.some(({ runId }) => runId === queued.runId);
  if (run?.status === "queued" && !isWaitedFor) endRun(draft, run, "cancel");
}
