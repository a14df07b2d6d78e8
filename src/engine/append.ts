import { isSkeinError } from "../model/error.ts";
import { canonicalJson } from "../model/json.ts";
import type { Entry } from "../model/entry.ts";
import type { Message, NewMessage } from "../model/message.ts";
import type { Part } from "../model/part.ts";
import type { Principal } from "../model/principal.ts";
import { MAIN, oldestVersion, threadOf } from "../model/thread.ts";
import type { ThreadHead } from "../model/thread.ts";
import type { Committed } from "./commit-queue.ts";
import { principalOf, readHead, write } from "./core.ts";
import type { Core } from "./core.ts";
import type { AppendInput, AppendResult, WriteOptions } from "./engine.ts";
import { requireVersion } from "./history.ts";
import { appendCommand, sizeOf } from "./message-input.ts";
import { branchIn, messagesIn, runIn } from "./view.ts";

export async function append(
  core: Core,
  base: Principal,
  threadId: string,
  input: AppendInput,
  options?: WriteOptions,
): Promise<AppendResult> {
  const principal = principalOf(base, options);
  const command = await appendCommand(core, principal, input);
  try {
    const committed = await write(core, {
      principal,
      threadId,
      command,
      options,
      asked: input,
      sizeBytes: sizeOf(command.messages),
      ...(command.messages[0] && { opId: command.messages[0].id }),
    });
    return await appendResult(core, committed, command.messages);
  } catch (error) {
    const before = isSkeinError(error, "id_conflict")
      ? await sameAsBefore(core, principal, threadId, command.messages)
      : undefined;
    if (before === undefined) throw error;
    return before;
  }
}

/** What a write says to its caller. A repeated one says what the first said, with the header as it is now. */
export async function appendResult(
  core: Core,
  committed: Committed,
  asked: readonly NewMessage[],
): Promise<AppendResult> {
  const entries = await entriesOf(core, committed);
  return resultOf(committed.head, entries, asked);
}

/** What a command wrote, the first time that it was carried out. */
export async function entriesOf(
  core: Core,
  { head, done, entries }: Committed,
): Promise<readonly Entry[]> {
  if (done === undefined) return entries;
  requireVersion(head, done.fromVersion, "idempotency_key");
  const key = { tenant: head.profile.tenant, id: head.profile.id };
  const count = done.toVersion - done.fromVersion + 1;
  return core.store.listEntries(key, done.fromVersion - 1, count);
}

function resultOf(
  head: ThreadHead,
  entries: readonly Entry[],
  asked: readonly NewMessage[],
): AppendResult {
  const run = runIn(entries);
  return {
    thread: threadOf(head),
    messages: askedFor(messagesIn(entries), asked),
    branch: branchIn(entries) ?? MAIN,
    ...(run && { run }),
  };
}

/** The caller's messages, without those that close tool calls which nobody answered. */
function askedFor(written: readonly Message[], asked: readonly NewMessage[]): readonly Message[] {
  const own: Message[] = [];
  let surplus = written.length - asked.length;
  for (const message of written) {
    // A closing stands before the caller's message that made it necessary, which is not a tool's.
    const isClosing = surplus > 0 && message.role === "tool" && asked[own.length]?.role !== "tool";
    if (isClosing) surplus -= 1;
    else own.push(message);
  }
  return own;
}

/** A message with a caller's id that arrives twice with the same content is one message. */
async function sameAsBefore(
  core: Core,
  principal: Principal,
  threadId: string,
  messages: readonly NewMessage[],
): Promise<AppendResult | undefined> {
  const head = await readHead(core, principal, threadId);
  const key = { tenant: principal.tenant, id: threadId };
  const stored = await core.store.loadMessages(
    key,
    messages.map(({ id }) => id),
  );
  const same = stored.filter(
    (message, index) =>
      message !== null &&
      message.redacted !== true &&
      message.role === messages[index]?.role &&
      message.author?.id === messages[index]?.author?.id &&
      jsonOf(message.parts) === jsonOf(messages[index]?.parts ?? []),
  );
  const [first] = same;
  if (same.length !== messages.length || first == null) return undefined;
  const known = same.flatMap((message) => (message === null ? [] : [message]));
  // The run that was asked for with them stands in the log behind them, unless that was trimmed.
  if (first.version < oldestVersion(head)) return { ...resultOf(head, [], []), messages: known };
  const entries = await core.store.listEntries(key, first.version - 1, 2 * messages.length + 3);
  const together = entries.filter(({ opId }) => opId === entries[0]?.opId);
  return { ...resultOf(head, together, messages), messages: known };
}

function jsonOf(parts: readonly Part[]): string {
  return canonicalJson(JSON.parse(JSON.stringify(parts)));
}
