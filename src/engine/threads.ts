import {
  checkId,
  checkLimit,
  checkLine,
  checkMetadata,
  checkTags,
  checkTitle,
} from "../model/check.ts";
import type { Command } from "../model/command.ts";
import { SkeinError } from "../model/error.ts";
import { isJsonObject } from "../model/json.ts";
import { LIMITS } from "../model/limits.ts";
import { userOf } from "../model/principal.ts";
import type { MemberRole, Principal } from "../model/principal.ts";
import { threadOf } from "../model/thread.ts";
import type { Thread } from "../model/thread.ts";
import type { ThreadPosition, ThreadQuery } from "../store/query.ts";
import { appendResult } from "./append.ts";
import { checkUser, newThreadId, principalOf, readHead, write } from "./core.ts";
import type { Core } from "./core.ts";
import { expiryOf } from "./lifecycle/expiry-of.ts";
import { readCursor, writeCursor } from "./cursor.ts";
import type {
  AppendResult,
  CallOptions,
  CreateInput,
  Page,
  ThreadListInput,
  ThreadStats,
  UpdateInput,
  WriteOptions,
} from "./engine.ts";
import { appendCommand, sizeOf } from "./message-input.ts";

const ROLES: readonly MemberRole[] = ["viewer", "editor", "owner"];

export async function create(
  core: Core,
  base: Principal,
  input: CreateInput = {},
  options?: WriteOptions,
  named?: { readonly id: string; readonly alias: string },
): Promise<AppendResult> {
  const principal = principalOf(base, options);
  const { title, agentId, kind, metadata, tags, members, messages = [], run } = input;
  const id = named?.id ?? input.id;
  const expiry = expiryOf(input, core.clock());
  if (id !== undefined) checkId(id);
  if (title !== undefined) checkTitle(title);
  if (agentId !== undefined) checkId(agentId, "agent_id");
  if (kind !== undefined) checkId(kind, "kind");
  if (metadata !== undefined) checkMetadata(metadata);
  if (tags !== undefined) checkTags(tags);
  if (members !== undefined) checkMembers(members);
  const hasWork = messages.length > 0 || run !== undefined;
  const append = hasWork
    ? await appendCommand(core, principal, { messages, ...(run && { run }) })
    : undefined;
  // Loaded when asked for: it runs git.
  const environment =
    input.captureEnvironment === true
      ? await (await import("./environment.ts")).captureEnvironment()
      : undefined;
  const command: Command = {
    type: "create",
    owner: userOf(principal),
    ...(title !== undefined && { title }),
    agentId: agentId ?? run?.agentId ?? core.defaultAgent,
    ...(kind !== undefined && { kind }),
    ...(metadata && { metadata }),
    ...(tags && { tags }),
    ...(members && { members }),
    ...(environment && { environment }),
    ...(named && { alias: named.alias }),
    ...(expiry && { expiry }),
    ...(append && { append }),
  };
  const made = append?.messages ?? [];
  const committed = await write(core, {
    principal,
    threadId: id ?? newThreadId(core, principal, options?.opId),
    command,
    options,
    asked: input,
    sizeBytes: sizeOf(made),
  });
  return appendResult(core, committed, made);
}

export async function get(
  core: Core,
  base: Principal,
  threadId: string,
  options?: CallOptions,
): Promise<Thread> {
  return threadOf(await readHead(core, principalOf(base, options), threadId));
}

export async function list(
  core: Core,
  base: Principal,
  input: ThreadListInput = {},
  options?: CallOptions,
): Promise<Page<Thread>> {
  const principal = principalOf(base, options);
  requireRead(principal);
  const { cursor, limit, offset, ...filter } = input;
  if (offset !== undefined && (!Number.isInteger(offset) || offset < 0 || offset > 1_000_000))
    throw new SkeinError("invalid_request", "offset must be a whole number from 0 to 1,000,000.", {
      field: "offset",
    });
  if (filter.title !== undefined) checkLine(filter.title, "search", 1_000);
  if (filter.agentId !== undefined) checkLine(filter.agentId, "agent_id", 256);
  if (filter.owner !== undefined) checkLine(filter.owner, "user_id", 128);
  const scope = ["threads", principal.tenant, principal.user, filter];
  const after = readCursor(cursor, scope, isPosition);
  const query: ThreadQuery = {
    ...filter,
    limit: checkLimit(limit),
    ...(offset !== undefined && { offset }),
    ...(after && { after }),
  };
  const page = await core.store.listThreads(principal, query);
  return {
    items: page.threads,
    ...(page.next && { nextCursor: writeCursor(scope, page.next) }),
  };
}

export async function stats(
  core: Core,
  base: Principal,
  threadId: string,
  options?: CallOptions,
): Promise<ThreadStats> {
  const principal = principalOf(base, options);
  const head = await readHead(core, principal, threadId);
  const { activity, profile } = head;
  const key = { tenant: principal.tenant, id: threadId };
  return {
    threadId,
    createdAt: profile.createdAt,
    messageCount: threadOf(head).messageCount,
    messagesTotal: activity.messagesTotal,
    runCount: activity.runCount,
    lastRun: activity.lastRunId === null ? null : await core.store.loadRun(key, activity.lastRunId),
    runsByStatus: activity.runsByStatus,
    metadata: profile.metadata,
    usage: activity.usage,
    cost: activity.cost,
  };
}

export async function update(
  core: Core,
  base: Principal,
  threadId: string,
  input: UpdateInput,
  options?: WriteOptions,
): Promise<Thread> {
  const { expiresIn, expiresAt, sliding, ephemeral, ...rest } = input;
  const { title, metadata, tags, agentId } = rest;
  if (title !== undefined && title !== null) checkTitle(title);
  if (metadata !== undefined && !isJsonObject(metadata))
    throw new SkeinError("invalid_request", "metadata must be an object.", { field: "metadata" });
  if (tags !== undefined) checkTags(tags);
  if (agentId !== undefined) checkId(agentId, "agent_id");
  const isEndless = expiresIn === null || expiresAt === null;
  const end = {
    ...(typeof expiresIn !== "object" && expiresIn !== undefined && { expiresIn }),
    ...(typeof expiresAt === "number" && { expiresAt }),
    ...(sliding !== undefined && { sliding }),
    ...(ephemeral !== undefined && { ephemeral }),
  };
  const expiry = isEndless ? null : expiryOf(end, core.clock());
  const command: Command = { type: "set", ...rest, ...(expiry !== undefined && { expiry }) };
  const principal = principalOf(base, options);
  const written = await write(core, { principal, threadId, command, options, asked: input });
  return threadOf(written.head);
}

/** Carries out a command of which the caller wants to see the header afterwards. */
export async function change(
  core: Core,
  base: Principal,
  threadId: string,
  command: Command,
  options?: WriteOptions,
): Promise<Thread> {
  const principal = principalOf(base, options);
  const { head } = await write(core, { principal, threadId, command, options });
  return threadOf(head);
}

export function setMember(
  core: Core,
  base: Principal,
  threadId: string,
  { user, role }: { readonly user: string; readonly role: MemberRole },
  options?: WriteOptions,
): Promise<Thread> {
  checkMembers({ [user]: role });
  return change(core, base, threadId, { type: "member.set", user, role }, options);
}

export function requireRead(principal: Principal): void {
  if (!principal.scopes.includes("read"))
    throw new SkeinError("forbidden", "This key may not read.");
}

function checkMembers(members: Readonly<Record<string, MemberRole>>): void {
  const all = Object.entries(members);
  if (all.length > LIMITS.members)
    throw new SkeinError("limit_exceeded", `members is over the limit of ${LIMITS.members}.`, {
      field: "members",
    });
  for (const [user, role] of all) {
    checkUser(user, "members");
    if (!ROLES.includes(role))
      throw new SkeinError("invalid_request", `role must be one of ${ROLES.join(", ")}.`, {
        field: "role",
      });
  }
}

function isPosition(value: unknown): value is ThreadPosition {
  if (!isJsonObject(value)) return false;
  const { updatedAt, id } = value;
  return (
    typeof updatedAt === "number" &&
    Number.isSafeInteger(updatedAt) &&
    updatedAt >= 0 &&
    typeof id === "string"
  );
}
