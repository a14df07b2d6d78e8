import type { Entry } from "../model/entry.ts";
import { isSkeinError } from "../model/error.ts";
import type { Message, MessageBody } from "../model/message.ts";
import { isFinal } from "../model/message.ts";
import { answeredIdsOf, callIdsOf } from "../model/part.ts";
import { isEnded } from "../model/run-transitions.ts";
import type { Run, Step } from "../model/run.ts";
import type { ThreadKey } from "../store/key.ts";
import type { Store } from "../store/store.ts";

const ENTRIES_AT_A_TIME = 200;

/** A message of a run, with the attempt that wrote it; 0 when no step did. */
export interface WrittenMessage {
  readonly message: Message;
  readonly attempt: number;
}

/** What the steps of a run write and what decisions answered in their place, in the order in which it stands in the thread,
 *  without `known`. Nothing comes to stand before what stood there. */
export async function writtenMessages(
  store: Pick<Store, "loadMessages">,
  key: ThreadKey,
  { steps, actions = [] }: { readonly steps: readonly Step[] } & Pick<Run, "actions">,
  known: ReadonlySet<string> = NONE,
): Promise<readonly WrittenMessage[]> {
  const attempts = new Map<string, number>();
  for (const { messageId } of actions) if (messageId !== undefined) attempts.set(messageId, 0);
  for (const { messageId, attempt, kind } of steps)
    if (messageId !== undefined) attempts.set(messageId, kind === "model" ? attempt : 1);
  const ids = [...attempts.keys()].filter((id) => !known.has(id));
  const found = ids.length === 0 ? [] : await store.loadMessages(key, ids);
  return found
    .flatMap((message) => message ?? [])
    .map((message) => ({ message, attempt: attempts.get(message.id) ?? 0 }))
    .sort((a, b) => a.message.version - b.message.version);
}

const NONE: ReadonlySet<string> = new Set();

/** Everything that a run wrote so far, in order: what its steps wrote, what decisions answered, and the results that its end
 *  gave to calls that nobody answered. */
export async function runMessages(
  store: Pick<Store, "loadMessages" | "listSteps" | "listEntries">,
  key: ThreadKey,
  run: Run,
): Promise<readonly Message[]> {
  const steps = await store.listSteps(key, run.id);
  const written = await writtenMessages(store, key, { ...run, steps });
  const messages = written.flatMap(({ message }) => (isFinal(message.status) ? message : []));
  if (!isEnded(run.status)) return messages;
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
