import { replay } from "../../model/apply.ts";
import { decide } from "../../model/decide/decide.ts";
import type { DecideContext } from "../../model/decide/draft.ts";
import type { Entry } from "../../model/entry.ts";
import { SkeinError } from "../../model/error.ts";
import { NO_FACTS } from "../../model/facts.ts";
import type { Message } from "../../model/message.ts";
import type { NewMessage } from "../../model/message.ts";
import type { Part } from "../../model/part.ts";
import { LOCAL_PRINCIPAL, LOCAL_USER } from "../../model/principal.ts";
import type { ThreadHead } from "../../model/thread.ts";
import type { KeptMessage } from "../trim.ts";
import type { RepositoryMessage, RepositoryThread } from "./thread-repository.ts";

/** The log, and what a trimmed thread has of before it. */
export interface RecordedLog {
  readonly kept: readonly KeptMessage[];
  readonly entries: readonly Entry[];
}

/** What is put: the messages of `main` for people and other programs, the log for Skein. */
export function recordOf(
  head: ThreadHead,
  path: readonly Message[],
  { kept, entries }: RecordedLog,
): RepositoryThread {
  const { id, owner, metadata, createdAt } = head.profile;
  return {
    id,
    userId: owner,
    messages: path.map(repositoryMessage),
    metadata,
    createdAt: new Date(createdAt),
    updatedAt: new Date(head.activity.updatedAt),
    log: JSON.stringify(kept.length === 0 ? entries : { kept, entries }),
  };
}

/** The log of a record; made from its messages when it has none. */
export function logOf(record: RepositoryThread, tenant: string, now: number): RecordedLog {
  if (record.log === undefined || record.log === null) return importedLog(record, tenant, now);
  try {
    const stored: RecordedLog | readonly Entry[] = JSON.parse(record.log);
    const log = "entries" in stored && "kept" in stored ? stored : { kept: [], entries: stored };
    replay(log.entries);
    return log;
  } catch (error) {
    throw new SkeinError("store_corrupt", `The log of thread ${record.id} cannot be read.`, {
      cause: error,
    });
  }
}

function repositoryMessage({ id, role, parts, author }: Message): RepositoryMessage {
  const [first] = parts;
  const isPlain = parts.length === 1 && first?.type === "text" && Object.keys(first).length === 2;
  return {
    id,
    role,
    content: isPlain ? first.text : parts,
    ...(author && { author: author.id }),
  };
}

/** True when a record says the same as the log that came with it. */
export function saysTheSame(record: RepositoryThread, path: readonly Message[]): boolean {
  const own = path.map(repositoryMessage);
  return (
    own.length === record.messages.length &&
    own.every(({ role, content }, index) => {
      const other = record.messages[index];
      return other?.role === role && JSON.stringify(other.content) === JSON.stringify(content);
    })
  );
}

export function importedLog(record: RepositoryThread, tenant: string, now: number): RecordedLog {
  const owner = record.userId ?? LOCAL_USER;
  const context: DecideContext = {
    threadId: record.id,
    principal: { ...LOCAL_PRINCIPAL, tenant },
    actor: "system",
    at: record.createdAt?.getTime() ?? now,
    opId: `import:${record.id}`,
    spareId: (slot) => `${record.id}:closed:${slot}`,
  };
  const messages = record.messages.map((message, index) => newMessage(record, message, index));
  const { metadata } = record;
  const { entries } = decide(
    null,
    {
      type: "create",
      owner,
      ...(metadata && { metadata }),
      ...(messages.length > 0 && { append: { type: "append", messages } }),
    },
    NO_FACTS,
    context,
  );
  return { kept: [], entries };
}

function newMessage(
  record: RepositoryThread,
  message: RepositoryMessage,
  index: number,
): NewMessage {
  const { role, content, author } = message;
  const parts: readonly Part[] =
    typeof content === "string" ? [{ type: "text", text: content }] : content;
  const said = author ?? (role === "user" ? (record.userId ?? LOCAL_USER) : undefined);
  return {
    id: message.id ?? `${record.id}:${index}`,
    role,
    parts,
    ...(said !== undefined && { author: { kind: role === "user" ? "user" : "agent", id: said } }),
  };
}
