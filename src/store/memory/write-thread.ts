import { apply } from "../../model/apply.ts";
import type { Entry } from "../../model/entry.ts";
import type { Run, Step } from "../../model/run.ts";
import type { ThreadHead } from "../../model/thread.ts";
import type { ThreadWrite } from "../store.ts";
import { foldMessage, messageIdOf } from "./fold-message.ts";
import type { StoredMessage, StoredThread, Tenant } from "./memory-data.ts";
import { findMessage } from "./path.ts";
import { eraseFromEntries, erased } from "./redact.ts";

/** Adds a write's entries to the log and to everything that is kept beside it. */
export function writeThread(tenant: Tenant, { key, entries, after, givenIds }: ThreadWrite): void {
  let head = tenant.threads.get(key.id)?.head ?? null;
  for (const entry of entries) {
    const next = apply(head, entry);
    const thread = tenant.threads.get(key.id) ?? newThread(tenant, key, entry, next);
    thread.entries.push(erased(entry, (id) => isRedacted(tenant, thread, id)));
    writeMessage(tenant, thread, entry);
    writeRun(thread, entry, head);
    const given = messageIdOf(entry);
    if (given !== undefined && givenIds.includes(given) && !tenant.given.has(given))
      tenant.given.set(given, { key, version: entry.version });
    head = next;
  }
  const thread = tenant.threads.get(key.id);
  if (thread === undefined) return;
  thread.head = after;
  for (const run of after.activity.runs) thread.runs.set(run.id, run);
}

function newThread(
  tenant: Tenant,
  key: ThreadWrite["key"],
  entry: Entry,
  head: ThreadHead,
): StoredThread {
  const thread: StoredThread = {
    key,
    origin: entry.op === "thread.create" ? entry.data.from : undefined,
    head,
    entries: [],
    messages: new Map(),
    segments: new Map(),
    runs: new Map(),
    steps: [],
    chunks: new Map(),
  };
  tenant.threads.set(key.id, thread);
  return thread;
}

function isRedacted(tenant: Tenant, thread: StoredThread, messageId: string): boolean {
  return findMessage(tenant, thread, messageId)?.message.redacted === true;
}

function writeMessage(tenant: Tenant, thread: StoredThread, entry: Entry): void {
  const id = messageIdOf(entry);
  if (id === undefined) return;
  const old = findMessage(tenant, thread, id);
  const stored = foldMessage(old, entry);
  if (stored !== undefined) placeMessage(tenant, thread, stored);
  else if (old !== undefined) thread.messages.delete(id);
  if (entry.op === "message.commit") thread.chunks.delete(id);
  if (entry.op === "message.redact") eraseFromEntries(tenant, id);
}

/** Puts a message back where it came from: a fork can change one that it includes. */
function placeMessage(tenant: Tenant, thread: StoredThread, stored: StoredMessage): void {
  const { message, place } = stored;
  const home = tenant.threads.get(message.threadId) ?? thread;
  home.messages.set(message.id, stored);
  if (place === null) return;
  const { number } = place.segment;
  const ids = home.segments.get(number) ?? [];
  ids[place.position - 1] = message.id;
  home.segments.set(number, ids);
}

function writeRun(thread: StoredThread, entry: Entry, before: ThreadHead | null): void {
  if (entry.op === "run.start") thread.runs.set(entry.data.run.id, entry.data.run);
  if (entry.op === "run.end") {
    const run = before?.activity.runs.find(({ id }) => id === entry.data.runId);
    if (run !== undefined) thread.runs.set(run.id, endedRun(run, entry.data.run));
  }
  if (entry.op === "step.start" || entry.op === "step.end") writeStep(thread, entry.data.step);
}

function endedRun(run: Run, change: Partial<Run>): Run {
  return { ...run, ...change };
}

function writeStep(thread: StoredThread, step: Step): void {
  const index = thread.steps.findIndex(({ runId, id }) => runId === step.runId && id === step.id);
  if (index === -1) thread.steps.push(step);
  else thread.steps[index] = step;
}
