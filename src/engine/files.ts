import { checkId, checkLimit, checkLine } from "../model/check.ts";
import { SkeinError } from "../model/error.ts";
import { blobsOfRecord } from "../model/file-change.ts";
import type { FileEnd, NewFileRecord } from "../model/file-change.ts";
import { LIMITS } from "../model/limits.ts";
import type { Principal } from "../model/principal.ts";
import { oldestVersion } from "../model/thread.ts";
import type { ThreadKey } from "../store/key.ts";
import { principalOf, readHead, write } from "./core.ts";
import type { Core } from "./core.ts";
import { readCursor, writeCursor } from "./cursor.ts";
import type { CallOptions, Page, WriteOptions } from "./call.ts";
import type { FileCalls, FileChange, FileChangeQuery } from "./file-calls.ts";

export function bindFiles(core: Core, principal: Principal): FileCalls {
  return {
    fileChanges: (id, query, options) => fileChanges(core, principal, id, query, options),
    recordFiles: (id, record, options) => recordFiles(core, principal, id, { record, options }),
  };
}

/** Versions that are read at once. */
const WINDOW = 32;

async function fileChanges(
  core: Core,
  base: Principal,
  threadId: string,
  query: FileChangeQuery = {},
  options?: CallOptions,
): Promise<Page<FileChange>> {
  const principal = principalOf(base, options);
  const head = await readHead(core, principal, threadId);
  const { after = 0, cursor, limit, ...filter } = query;
  if (!Number.isSafeInteger(after) || after < 0)
    throw new SkeinError("invalid_request", "after must be a whole number of 0 or more.", {
      field: "after",
    });
  for (const id of ["runId", "turnId", "changeId"] as const)
    if (filter[id] !== undefined) checkId(filter[id], id);
  if (filter.operationId !== undefined)
    checkLine(filter.operationId, "operation_id", LIMITS.operationIdCharacters);
  if (filter.path !== undefined) checkLine(filter.path, "path", LIMITS.pathCharacters);
  const scope = ["files", principal.tenant, principal.user, threadId, filter, after];
  const before = readCursor(cursor, scope, isVersion) ?? head.version + 1;
  const most = checkLimit(limit);
  const found: FileChange[] = [];
  const { last = 0, open = {} } = head.profile.files ?? {};
  // None of them is older than the oldest one that is open.
  const started = Object.values(open).map(({ version }) => version);
  const since = filter.isOpen === true ? Math.min(...started, Infinity) - 1 : after;
  const from = { last: since < last ? last : 0, oldest: oldestVersion(head) };
  for await (const change of changesBack(core, { tenant: principal.tenant, id: threadId }, from)) {
    if (change.version <= Math.max(since, after)) break;
    if (change.version >= before || !isMeant(change, filter)) continue;
    const last = found.at(-1);
    if (found.length === most && last !== undefined)
      return { items: found, nextCursor: writeCursor(scope, last.version) };
    found.push(change);
  }
  return { items: found };
}

/** The records of files are a chain through the log, from the newest one back. */
async function* changesBack(
  { store }: Core,
  key: ThreadKey,
  { last, oldest }: { readonly last: number; readonly oldest: number },
): AsyncGenerator<FileChange> {
  const ends = new Map<string, FileEnd>();
  for (let version = last; version >= oldest && version > 0;) {
    const start = Math.max(version - WINDOW, oldest - 1);
    const entries = await store.listEntries(key, start, version - start);
    let next = 0;
    for (const entry of entries.toReversed()) {
      if (entry.op !== "file.change" && entry.op !== "file.rollback") continue;
      if (entry.version > version) continue;
      const { previous, ...record } = entry.data;
      next = previous;
      if (record.phase === "end") ends.set(record.changeId, record);
      else {
        const { phase: _phase, ...begin } = record;
        const end = ends.get(begin.changeId);
        ends.delete(begin.changeId);
        const { version: at, actor } = entry;
        yield { ...begin, ...outcomeOf(end), version: at, actor, at: entry.at };
      }
    }
    version = next;
  }
}

function outcomeOf(
  end: FileEnd | undefined,
): Pick<FileChange, "outcome"> & Partial<Omit<FileEnd, "outcome">> {
  if (end === undefined) return { outcome: "open" };
  const { phase: _phase, ...rest } = end;
  return rest;
}

function isMeant(
  change: FileChange,
  {
    runId,
    turnId,
    operationId,
    changeId,
    path,
    isOpen = false,
  }: Omit<FileChangeQuery, "after" | "cursor" | "limit">,
): boolean {
  return (
    (!isOpen || change.outcome === "open") &&
    (changeId === undefined || change.changeId === changeId) &&
    (runId === undefined || change.runId === runId) &&
    (turnId === undefined || change.turnId === turnId) &&
    (operationId === undefined || change.operationId === operationId) &&
    (path === undefined ||
      change.edits.some((edit) => edit.path === path || edit.movedFrom === path))
  );
}

async function recordFiles(
  core: Core,
  base: Principal,
  threadId: string,
  {
    record,
    options,
  }: { readonly record: NewFileRecord; readonly options?: WriteOptions | undefined },
): Promise<void> {
  const principal = principalOf(base, options);
  // Whoever may read the thread can read what it names.
  for (const sha256 of blobsOfRecord(record))
    if ((await core.store.loadBlob(principal, sha256, core.clock())) === null)
      throw new SkeinError("blob_not_found", `There is no blob ${sha256} that you may read.`);
  await write(core, { principal, threadId, command: { type: "files", record }, options });
}

function isVersion(value: unknown): value is number {
  return Number.isSafeInteger(value);
}
