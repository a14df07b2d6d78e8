import { checkId, checkLine } from "../model/check.ts";
import type { Command } from "../model/command.ts";
import { needs } from "../model/decide/needs.ts";
import { threadDeleted, threadNotFound } from "../model/decide/access.ts";
import type { DecideContext } from "../model/decide/draft.ts";
import { SkeinError } from "../model/error.ts";
import { userOf } from "../model/principal.ts";
import type { Principal } from "../model/principal.ts";
import type { ThreadHead } from "../model/thread.ts";
import type { Store } from "../store/store.ts";
import type { Clock } from "./clock.ts";
import type { Committed, CommitQueue } from "./commit-queue.ts";
import type { CallOptions, WriteOptions } from "./engine.ts";
import type { HeadCache } from "./head-cache.ts";
import type { Ids } from "./ids.ts";
import type { Live } from "./live.ts";
import type { Beside, Request } from "./request.ts";
import { digestOf } from "./digest.ts";

/** What every use-case works with. One per engine, shared by all principals. */
export interface Core {
  readonly store: Store;
  readonly queue: CommitQueue;
  readonly cache: HeadCache;
  readonly live: Live;
  readonly clock: Clock;
  readonly ids: Ids;
  /** The agent of threads that are created without one. */
  readonly defaultAgent: string;
  /** Of runs that do not say when they expire. */
  readonly runExpiresInMs?: number | undefined;
}

/** Whose call it is. A principal that is bound to a user cannot act as another. */
export function principalOf(base: Principal, options: CallOptions = {}): Principal {
  // From JavaScript anything may come.
  if (typeof options !== "object" || options === null)
    throw new SkeinError("invalid_request", "options must be an object.", { field: "options" });
  const { signal } = options;
  if (signal?.aborted === true)
    throw new SkeinError("aborted", "The caller aborted the operation.", { cause: signal.reason });
  const { userId } = options;
  if (userId === undefined || userId === base.user) return base;
  checkUser(userId, "user_id");
  if (base.user !== null)
    throw new SkeinError("forbidden", `${base.user} cannot act as ${userId}.`, {
      field: "user_id",
    });
  return { ...base, user: userId };
}

export function checkUser(user: string, field: string): void {
  checkLine(user, field, 128);
  if (user.trim() === "" || user === "*" || user === "__proto__")
    throw new SkeinError("invalid_id", `${field} must name a user.`, { field });
}

/** The head, if the principal may see the thread and it is not deleted. Access is asked of the store every time. */
export async function readHead(core: Core, principal: Principal, id: string): Promise<ThreadHead> {
  checkId(id, "thread_id");
  if (!principal.scopes.includes("read"))
    throw new SkeinError("forbidden", "This key may not read.");
  const key = { tenant: principal.tenant, id };
  const cached = core.cache.get(key);
  const found = await core.store.loadThread(principal, id, cached?.version);
  if (found === null) throw threadNotFound(id);
  const head = found === "unchanged" && cached !== undefined ? cached : found;
  if (head === "unchanged") throw threadNotFound(id);
  core.cache.set(key, head);
  if (head.profile.deletedAt !== null) throw threadDeleted(id);
  return head;
}

/** The id of a thread that is to be made. Under an idempotency key it follows from the key, so that a repetition finds the thread. */
export function newThreadId(core: Core, principal: Principal, opId: string | undefined): string {
  if (opId === undefined) return core.ids("th");
  return `th_${digestOf([principal.tenant, userOf(principal), opId]).slice(0, 32)}`;
}

export interface Write {
  readonly principal: Principal;
  readonly threadId: string;
  readonly command: Command;
  readonly options?: WriteOptions | undefined;
  /** What the caller asked for, for comparing repetitions under one idempotency key. */
  readonly asked?: unknown;
  /** Under whose name, and which key, it is done once, where that is not the caller with `options.opId`. */
  readonly operation?: { readonly user: string; readonly opId: string };
  /** Groups the entries when the caller gave no key. */
  readonly opId?: string;
  readonly actor?: string;
  readonly sizeBytes?: number;
  /** What happens to other threads in the same commit. */
  readonly beside?: readonly Beside[];
}

export function write(core: Core, asked: Write): Promise<Committed> {
  const { principal, threadId, command, options = {} } = asked;
  checkId(threadId, "thread_id");
  const { expectedVersion, expectedHead, opId } = options;
  if (opId !== undefined) checkLine(opId, "idempotency_key", 256);
  if (expectedVersion !== undefined && (!Number.isInteger(expectedVersion) || expectedVersion < 0))
    throw new SkeinError(
      "invalid_request",
      "expected_version must be a whole number of 0 or more.",
      {
        field: "expected_version",
      },
    );
  const user = userOf(principal);
  const spareIds: string[] = [];
  const context: DecideContext = {
    threadId,
    principal,
    actor: asked.actor ?? `user:${user}`,
    at: core.clock(),
    opId: opId ?? asked.operation?.opId ?? asked.opId ?? core.ids("op"),
    spareId: (slot) => (spareIds[slot] ??= core.ids("msg")),
    ...(expectedVersion !== undefined && { expectedVersion }),
    ...(expectedHead !== undefined && { expectedHead }),
  };
  const named = asked.operation ?? (opId === undefined ? undefined : { user, opId });
  const operation = named && {
    ...named,
    digest: digestOf([command.type, threadId, asked.asked ?? command]),
  };
  const givenIds = needs(command, null).flatMap((need) => (need.kind === "given" ? need.ids : []));
  const request: Request = {
    key: { tenant: principal.tenant, id: threadId },
    command,
    context,
    givenIds,
    ...(operation && { operation }),
    ...(asked.beside && { beside: asked.beside }),
    sizeBytes: 1_000 + (asked.sizeBytes ?? 0),
  };
  const submitted = core.queue.submit(request);
  return command.type === "message.redact" ? withLate(core, request, submitted) : submitted;
}

async function withLate(
  { queue }: Core,
  request: Request,
  submitted: Promise<Committed>,
): Promise<Committed> {
  const committed = await submitted;
  await queue.tellLate(request, committed);
  return committed;
}
