import type { Entry } from "../model/entry.ts";
import { isSkeinError } from "../model/error.ts";
import type { Message, MessageBody } from "../model/message.ts";
import { isFinal } from "../model/message.ts";
import { answeredIdsOf, callIdsOf } from "../model/part.ts";
import type { Run, Step } from "../model/run.ts";
import type { ThreadKey } from "../store/key.ts";
import type { Store } from "../store/store.ts";

const ENTRIES_AT_A_TIME = 200;

/** The messages that a run's steps write, by step; `null` while a message is not there yet. */
export async function stepMessages(
  store: Pick<Store, "loadMessages">,
  key: ThreadKey,
  steps: readonly Step[],
): Promise<readonly (Message | null)[]> {
  const ids = steps.map(({ messageId }) => messageId ?? "");
  return ids.length === 0 ? [] : store.loadMessages(key, ids);
}

/** Everything that an ended run wrote, in order: what its steps wrote, and the results that its end gave to calls that
 *  nobody answered. */
export async function runMessages(
  store: Pick<Store, "loadMessages" | "listSteps" | "listEntries">,
  key: ThreadKey,
  run: Run,
): Promise<readonly Message[]> {
  const steps = await store.listSteps(key, run.id);
  const found = await stepMessages(store, key, steps);
  const written = found.filter((message) => message !== null && isFinal(message.status));
  const messages = written.flatMap((message) => message ?? []);
  return [...messages, ...(await closingMessages(store, key, run, messages))];
}

/** The results that the end of a run gave to its unanswered calls. Reads the log only if there are such calls. */
export async function closingMessages(
  store: Pick<Store, "loadMessages" | "listEntries">,
  key: ThreadKey,
  run: Pick<Run, "id">,
  messages: readonly Message[],
): Promise<readonly Message[]> {
  const last = messages.at(-1);
  if (last === undefined || !hasOpenCalls(messages)) return [];
  const results: { readonly id: string; readonly opId: string }[] = [];
  for (let after = last.version; ;) {
    const entries = await entriesBehind(store, key, after);
    for (const entry of entries) {
      after = entry.version;
      if (entry.op === "message.append" && entry.data.message.runId === undefined)
        results.push({ id: entry.data.message.id, opId: entry.opId });
      // They are of the same commit as the end.
      if (entry.op !== "run.end" || entry.data.runId !== run.id) continue;
      const closing = results.filter(({ opId }) => opId === entry.opId).map(({ id }) => id);
      return (await store.loadMessages(key, closing)).flatMap((message) => message ?? []);
    }
    if (entries.length < ENTRIES_AT_A_TIME) return [];
  }
}

/** Nothing where a trim has let go of the log. */
async function entriesBehind(
  store: Pick<Store, "listEntries">,
  key: ThreadKey,
  after: number,
): Promise<readonly Entry[]> {
  try {
    return await store.listEntries(key, after, ENTRIES_AT_A_TIME);
  } catch (error) {
    if (isSkeinError(error, "trimmed")) return [];
    throw error;
  }
}

function hasOpenCalls(messages: readonly MessageBody[]): boolean {
  const open = new Set<string>();
  for (const { parts } of messages) {
    for (const id of callIdsOf(parts)) open.add(id);
    for (const id of answeredIdsOf(parts)) open.delete(id);
  }
  return open.size > 0;
}
