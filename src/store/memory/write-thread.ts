import { apply } from "../../model/apply.ts";
import type { Entry } from "../../model/entry.ts";
import type { PathEnd } from "../../model/message.ts";
import type { Step } from "../../model/run.ts";
import type { ThreadHead } from "../../model/thread.ts";
import type { ThreadWrite } from "../store.ts";
import { foldMessage, messageIdOf } from "./fold-message.ts";
import { frozenCopy } from "./frozen-copy.ts";
import type { StoredThread, Tenant } from "./memory-data.ts";
import { findMessage, pathBack } from "./path.ts";
import { placeMessage } from "./place-message.ts";
import { eraseEverywhere, erasedEntry } from "./redact.ts";
import { bringKept, trimThread } from "./trim.ts";

/** Adds a write's entries to the log and to everything that is kept beside it. */
export function writeThread(
  tenant: Tenant,
  { key, entries, givenIds, kept = [], earlier }: ThreadWrite,
): void {
  for (const entry of entries) {
    const before = tenant.threads.get(key.id)?.head ?? null;
    const after = frozenCopy(apply(before, entry));
    const thread = tenant.threads.get(key.id) ?? newThread(tenant, key, entry, after);
    thread.head = after;
    thread.entries.push(erasedEntry(entry, (id) => isRedacted(tenant, thread, id)));
    writeMessage(tenant, thread, entry);
    if (entry.op === "retention.trim")
      if (before === null) bringKept(tenant, thread, kept, earlier);
      else trimThread(tenant, thread);
    writeRuns(thread, entry, before);
    const id = messageIdOf(entry);
    if (id !== undefined && givenIds.includes(id) && !tenant.given.has(id))
      tenant.given.set(id, { key, version: entry.version });
  }
}

function newThread(
  tenant: Tenant,
  key: ThreadWrite["key"],
  entry: Entry,
  head: ThreadHead,
): StoredThread {
  const thread: StoredThread = {
    key,
    head,
    entries: [],
    messages: new Map(),
    released: new Set(),
    included: entry.op === "thread.create" ? includedAt(tenant, entry.data.from?.head) : new Map(),
    segments: new Map(),
    continued: new Map(),
    runs: new Map(),
    steps: [],
    chunks: new Map(),
  };
  tenant.threads.set(key.id, thread);
  return thread;
}

function includedAt(tenant: Tenant, end: PathEnd | undefined): StoredThread["included"] {
  const path = end === undefined ? [] : [...pathBack(tenant, end)];
  return new Map(path.map(({ message }) => [message.id, message.threadId]));
}

function isRedacted(tenant: Tenant, thread: StoredThread, messageId: string): boolean {
  return findMessage(tenant, thread, messageId)?.message.redacted === true;
}

function writeMessage(tenant: Tenant, thread: StoredThread, entry: Entry): void {
  const id = messageIdOf(entry);
  if (id === undefined) return;
  const old = findMessage(tenant, thread, id);
  const stored = foldMessage(old, entry);
  if (stored !== undefined) placeMessage(tenant, thread, frozenCopy(stored));
  else if (old !== undefined) thread.messages.delete(id);
  if (entry.op === "message.commit") thread.chunks.delete(id);
  // Once is enough, though every thread that has the message gets such an entry.
  if (entry.op === "message.redact" && old?.message.redacted !== true) eraseEverywhere(tenant, id);
}

function writeRuns(thread: StoredThread, entry: Entry, before: ThreadHead | null): void {
  for (const run of thread.head.activity.runs) thread.runs.set(run.id, run);
  if (entry.op === "run.end") {
    const run = before?.activity.runs.find(({ id }) => id === entry.data.runId);
    if (run !== undefined) thread.runs.set(run.id, Object.freeze({ ...run, ...entry.data.run }));
  }
  if (entry.op === "step.start" || entry.op === "step.end") writeStep(thread, entry.data.step);
}

function writeStep(thread: StoredThread, step: Step): void {
  const index = thread.steps.findIndex(({ runId, id }) => runId === step.runId && id === step.id);
  if (index === -1) thread.steps.push(step);
  else thread.steps[index] = step;
}
