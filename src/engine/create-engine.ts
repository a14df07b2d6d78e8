import { checkId, checkJson, checkLimit } from "../model/check.ts";
import type { Entry } from "../model/entry.ts";
import { SkeinError } from "../model/error.ts";
import { LOCAL_PRINCIPAL } from "../model/principal.ts";
import type { Principal } from "../model/principal.ts";
import { DEFAULT_AGENT } from "../model/run.ts";
import type { Run } from "../model/run.ts";
import { threadOf } from "../model/thread.ts";
import type { LiveBus } from "../store/live-bus.ts";
import type { FeedEvent } from "../store/query.ts";
import type { Store } from "../store/store.ts";
import { append } from "./append.ts";
import { BatchReads } from "./batch-reads.ts";
import { getBlob, putBlob } from "./blobs.ts";
import { changeBranch, edit, regenerate, restoreVersion } from "./branches.ts";
import { storeClock } from "./clock.ts";
import type { Clock } from "./clock.ts";
import { CommitQueue } from "./commit-queue.ts";
import { principalOf, readHead } from "./core.ts";
import type { Core } from "./core.ts";
import type { Engine, FeedOptions, ObserveOptions } from "./engine.ts";
import { bindFiles } from "./files.ts";
import { bindCompactions } from "./compactions.ts";
import { fork } from "./fork.ts";
import { HeadCache } from "./head-cache.ts";
import { headAt } from "./history.ts";
import { timeOrderedIds } from "./ids.ts";
import type { Ids } from "./ids.ts";
import { liveOf } from "./live.ts";
import type { Commit } from "./live.ts";
import { listBranches } from "./list-branches.ts";
import { annotate, message, messages, redact } from "./messages.ts";
import { checkAfter, feed, observe } from "./observe.ts";
import { PAGE_BYTES } from "./page-bytes.ts";
import { bindPortable } from "./bind-portable.ts";
import { bindRuns } from "./bind-runs.ts";
import { bindLifecycle } from "./lifecycle/bind-lifecycle.ts";
import { bindRelations } from "./relations/bind-relations.ts";
import { runWriter } from "./runs.ts";
import { search } from "./search.ts";
import { acquireWriter } from "./writer.ts";
import { trim } from "./trim.ts";
import { change, create, get, list, setMember, stats, update } from "./threads.ts";

const LOG_PAGE = 1_000;

export interface EngineOptions {
  readonly store: Store;
  /** Tells other processes on the store of what happens here, and this one of them. Closed with the engine. Default: the
   *  store's own bus; `null`: none, so that the store's watch finds out. Engines over the same open store share the first
   *  one's; that of another is closed with them, and nothing more. */
  readonly bus?: LiveBus | null;
  /** Who acts when a call names no user. Default: `local`, with all rights in the tenant `default`. */
  readonly principal?: Partial<Principal>;
  /** Default: the store's. */
  readonly clock?: Clock;
  readonly ids?: Ids;
  /** The agent of threads that are created without one, default `assistant`. */
  readonly defaultAgent?: string;
  /** Milliseconds after which runs expire that do not say otherwise. Default: never. */
  readonly runExpiresInMs?: number | undefined;
  /** Upper bound of the header cache in bytes, default 64 MiB. */
  readonly cacheBytes?: number;
}

/** The use-cases over a store. Opens the store at the first call. */
export function createEngine(options: EngineOptions): Engine {
  const { store, clock = storeClock(options.store), ids = timeOrderedIds() } = options;
  const { defaultAgent = DEFAULT_AGENT, runExpiresInMs } = options;
  const cache = new HeadCache(options.cacheBytes);
  const live = liveOf(store, options.bus);
  const queue = new CommitQueue(store, cache, live);
  const core: Core = { store, cache, live, clock, ids, defaultAgent, runExpiresInMs, queue };
  return bind(core, new BatchReads(store), { ...LOCAL_PRINCIPAL, ...options.principal });
}

function bind(core: Core, reads: BatchReads, principal: Principal): Engine {
  const { store } = core;
  return {
    store,
    open: () => store.open(),
    close: () => closeStore(core),
    as: (other) => bind(core, reads, narrowed(principal, other)),

    create: (input, options) => create(core, principal, input, options),
    get: async (id, options) => {
      const at = options?.at;
      if (at === undefined) return get(core, principal, id, options);
      const caller = principalOf(principal, options);
      const now = await readHead(core, caller, id);
      return threadOf(await headAt(core, { tenant: caller.tenant, id }, now, at));
    },
    detail: async (id, options) => {
      const head = await readHead(core, principalOf(principal, options), id);
      const branches = listBranches(head);
      return { thread: threadOf(head), branches, runs: head.activity.runs };
    },
    getMany: async (threadIds, options) =>
      reads.getMany(principalOf(principal, options), threadIds),
    list: (input, options) => list(core, principal, input, options),
    search: (input, options) => search(core, principal, input, options),
    stats: (id, options) => stats(core, principal, id, options),

    append: (id, input, options) => append(core, principal, id, input, options),
    messages: (id, input, options) => messages(core, principal, id, input, options),
    message: (id, messageId, options) => message(core, principal, id, messageId, options),
    annotate: (id, messageId, values, options) =>
      annotate(core, principal, id, messageId, { values, options }),
    redact: (id, messageId, options) => redact(core, principal, id, messageId, options),
    discard: (id, messageId, options) =>
      change(core, principal, id, { type: "message.discard", messageId }, options),

    update: async (id, input, options) => update(core, principal, id, input, options),
    rename: async (id, title, options) => update(core, principal, id, { title }, options),
    tag: (id, { add, remove }, options) =>
      change(
        core,
        principal,
        id,
        { type: "set", ...(add && { addTags: add }), ...(remove && { removeTags: remove }) },
        options,
      ),
    archive: (id, options) => change(core, principal, id, { type: "archive" }, options),
    unarchive: (id, options) => change(core, principal, id, { type: "unarchive" }, options),
    delete: async (id, options) => {
      const type = options?.purge === true ? "purge" : "delete";
      await change(core, principal, id, { type }, options);
    },
    undelete: (id, options) => change(core, principal, id, { type: "undelete" }, options),
    setMember: async (id, user, role, options) =>
      setMember(core, principal, id, { user, role }, options),
    removeMember: (id, user, options) =>
      change(core, principal, id, { type: "member.remove", user }, options),

    branches: async (id, options) =>
      listBranches(await readHead(core, principalOf(principal, options), id)),
    branch: (id, { name, messageId, from }, options) => {
      const at = messageId === undefined ? { branch: from ?? "main" } : { messageId };
      const command = { type: "branch.create", ...(name !== undefined && { name }), at } as const;
      return changeBranch(core, principal, id, { command, name }, options);
    },
    renameBranch: (id, name, to, options) => {
      const command = { type: "branch.rename", name, to } as const;
      return changeBranch(core, principal, id, { command, name: to }, options);
    },
    removeBranch: async (id, name, options) => {
      await change(core, principal, id, { type: "branch.remove", name }, options);
    },
    edit: (id, messageId, input, options) =>
      edit(core, principal, id, messageId, { input, options }),
    regenerate: (id, input, options) => regenerate(core, principal, id, { input, options }),
    truncate: (id, to, options) =>
      change(
        core,
        principal,
        id,
        { type: "truncate", branch: options?.branch ?? "main", to },
        options,
      ),
    fork: (id, input, options) => fork(core, principal, id, input, options),
    trim: (id, input, options) => trim(core, principal, id, input, options),
    restoreVersion: (id, version, options) => restoreVersion(core, principal, id, version, options),

    log: async (id, input = {}, options) => {
      const caller = principalOf(principal, options);
      await readHead(core, caller, id);
      const limit = checkLimit(input.limit, LOG_PAGE);
      const after = checkAfter(input.after);
      return store.listEntries({ tenant: caller.tenant, id }, after, limit, PAGE_BYTES);
    },
    observe: observer(core, principal),
    feed: (options) => feed(core, principal, options),
    acquireWriter: (id, options) => acquireWriter(core, principal, id, options),
    custom: async (id, name, data, options) => {
      checkId(name, "name");
      if (data !== undefined) checkJson(data, "data");
      const command = { type: "custom", name, ...(data !== undefined && { data }) } as const;
      return change(core, principal, id, command, options);
    },

    ...bindRuns(core, principal),
    ...bindRelations(core, principal),
    ...bindPortable(core, principal),
    ...bindLifecycle(core, principal),
    ...bindFiles(core, principal),
    ...bindCompactions(core, principal),
    onRunChange: (listener) =>
      core.live.onCommit((commit) => {
        if (!commit.entries.some(({ op }) => op.startsWith("run."))) return;
        const { tenant, id: threadId } = commit.key;
        const { runs, holds } = commit.head.activity;
        listener({ tenant, threadId, runs, holds, ended: endedRuns(commit) });
      }),

    putBlob: (bytes, mediaType, options) => putBlob(core, principal, bytes, mediaType, options),
    getBlob: (sha256, options) => getBlob(core, principal, sha256, options),
    worker: runWriter(core),
    check: (options) =>
      store.check({ repair: options?.repair ?? false, rebuild: options?.rebuild ?? false }),
  };
}

function endedRuns({ entries, before }: Commit): readonly Run[] {
  return entries.flatMap((entry) => {
    if (entry.op !== "run.end") return [];
    const { runId, run: change } = entry.data;
    const old = before?.activity.runs.find(({ id }) => id === runId);
    // One that began in the same commit was at nobody's service.
    return old === undefined ? [] : [{ ...old, ...change }];
  });
}

/** With a thread's id its entries, without one the headers of all threads. */
function observer(core: Core, principal: Principal): Engine["observe"] {
  function observeAny(threadId: string, options?: ObserveOptions): AsyncIterable<Entry>;
  function observeAny(options?: FeedOptions): AsyncIterable<FeedEvent>;
  function observeAny(
    first?: string | FeedOptions,
    options?: ObserveOptions,
  ): AsyncIterable<Entry> | AsyncIterable<FeedEvent> {
    return typeof first === "string"
      ? observe(core, principal, first, options)
      : feed(core, principal, first);
  }
  return observeAny;
}

function narrowed(principal: Principal, other: Partial<Principal>): Principal {
  const { user, tenant, scopes } = principal;
  const isOther =
    (other.user !== undefined && other.user !== user) ||
    (other.tenant !== undefined && other.tenant !== tenant);
  if (user !== null && isOther)
    throw new SkeinError("forbidden", `${user} cannot act as another user.`);
  const left = scopes.filter((scope) => (other.scopes ?? scopes).includes(scope));
  return { ...principal, ...other, scopes: left };
}

async function closeStore(core: Core): Promise<void> {
  await core.queue.drained();
  await core.live.foreign.close();
  await core.store.close();
}
