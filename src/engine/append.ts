import { isSkeinError } from "../model/error.ts";
import { canonicalJson } from "../model/json.ts";
import type { NewMessage } from "../model/message.ts";
import type { Part } from "../model/part.ts";
import type { Principal } from "../model/principal.ts";
import { MAIN, threadOf } from "../model/thread.ts";
import type { Committed } from "./commit-queue.ts";
import { principalOf, readHead, write } from "./core.ts";
import type { Core } from "./core.ts";
import type { AppendInput, AppendResult, WriteOptions } from "./engine.ts";
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
  const given = command.messages.filter(({ isGivenId }) => isGivenId);
  try {
    const committed = await write(core, {
      principal,
      threadId,
      command,
      options,
      givenIds: given.map(({ id }) => id),
      asked: input,
      sizeBytes: sizeOf(command.messages),
      ...(command.messages[0] && { opId: command.messages[0].id }),
    });
    return await appendResult(core, committed);
  } catch (error) {
    const before = isSkeinError(error, "id_conflict")
      ? await sameAsBefore(core, principal, threadId, command.messages)
      : undefined;
    if (before === undefined) throw error;
    return before;
  }
}

/** What a write says to its caller. A repeated one says what the first said, with the header as it is now. */
export async function appendResult(core: Core, committed: Committed): Promise<AppendResult> {
  const { head, done } = committed;
  const key = { tenant: head.profile.tenant, id: head.profile.id };
  const entries =
    done === undefined
      ? committed.entries
      : await core.store.listEntries(
          key,
          done.fromVersion - 1,
          done.toVersion - done.fromVersion + 1,
        );
  const run = runIn(entries);
  return {
    thread: threadOf(head),
    messages: messagesIn(entries).filter(
      ({ role, runId }) => role !== "tool" || runId === undefined,
    ),
    branch: branchIn(entries) ?? MAIN,
    ...(run && { run }),
  };
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
      jsonOf(message.parts) === jsonOf(messages[index]?.parts ?? []),
  );
  if (same.length !== messages.length) return undefined;
  return {
    thread: threadOf(head),
    messages: same.flatMap((message) => (message === null ? [] : [message])),
    branch: MAIN,
  };
}

function jsonOf(parts: readonly Part[]): string {
  return canonicalJson(JSON.parse(JSON.stringify(parts)));
}
