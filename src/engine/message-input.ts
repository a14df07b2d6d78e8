import { checkId, checkJson, checkMetadata, checkParts, checkText } from "../model/check.ts";
import { checkJsonSize } from "../model/check-size.ts";
import type { AppendCommand } from "../model/command.ts";
import { SkeinError } from "../model/error.ts";
import { LIMITS } from "../model/limits.ts";
import type { Author, NewMessage, Role } from "../model/message.ts";
import type { Part } from "../model/part.ts";
import { userOf } from "../model/principal.ts";
import type { Principal } from "../model/principal.ts";
import { STRATEGIES } from "../model/run.ts";
import type { NewRun } from "../model/run.ts";
import { checkUser } from "./core.ts";
import type { Core } from "./core.ts";
import type { AppendInput, Content, MessageInput, RunInput } from "./engine.ts";

// A hundred years: what is later is a mistake, and no date.
const MOST_EXPIRES_MS = 3_155_760_000_000;
const ROLES: readonly Role[] = ["system", "developer", "user", "assistant", "tool"];

/** Checks what a caller gave and turns it into a command; ids and blobs included. */
export async function appendCommand(
  core: Core,
  principal: Principal,
  input: AppendInput,
): Promise<AppendCommand> {
  const { messages, branch, parentId, run } = input;
  if (!Array.isArray(messages)) throw invalid("messages", "a list of messages");
  if (messages.length === 0 && run === undefined) throw invalid("messages", "at least one message");
  if (messages.length > LIMITS.messagesPerAppend)
    throw new SkeinError(
      "limit_exceeded",
      `messages is over the limit of ${LIMITS.messagesPerAppend}.`,
      {
        field: "messages",
        details: { limit: LIMITS.messagesPerAppend },
      },
    );
  const made = messages.map((message) => newMessage(core, principal, message));
  await checkBlobs(core, principal, made);
  return {
    type: "append",
    messages: made,
    ...(branch !== undefined && { branch }),
    ...(parentId !== undefined && { parentId }),
    ...(run !== undefined && { run: newRun(core, run) }),
  };
}

export function newMessage(core: Core, principal: Principal, input: MessageInput): NewMessage {
  if (typeof input !== "object" || input === null) throw invalid("messages", "a list of messages");
  const { id, role = "user", content, author, metadata, ...rest } = input;
  if (id !== undefined) checkId(id, "id");
  if (!ROLES.includes(role)) throw invalid("role", `one of ${ROLES.join(", ")}`);
  if (metadata !== undefined) checkMetadata(metadata);
  const said = authorOf(principal, role, author);
  return {
    ...rest,
    id: id ?? core.ids("msg"),
    ...(id !== undefined && { isGivenId: true }),
    role,
    parts: partsOf(content),
    ...(said && { author: said }),
    ...(metadata && { metadata }),
  };
}

export function newRun(core: Core, input: RunInput): NewRun {
  const { strategy = "enqueue", agentId, ...rest } = input;
  if (!STRATEGIES.includes(strategy)) throw invalid("multitask_strategy", STRATEGIES.join(" or "));
  const { expiresInMs = core.runExpiresInMs } = input;
  const isTime = Number.isInteger(expiresInMs) && (expiresInMs ?? 0) >= 1;
  if (expiresInMs !== undefined && (!isTime || expiresInMs > MOST_EXPIRES_MS))
    throw invalid("expires_in_ms", `a whole number of 1 to ${MOST_EXPIRES_MS}`);
  if (input.input !== undefined) {
    checkJson(input.input, "input");
    checkJsonSize({ input: input.input }, "input");
  }
  if (agentId !== undefined) checkId(agentId, "agent_id");
  if (input.instructions !== undefined) checkText(input.instructions, "instructions");
  if (input.metadata !== undefined) checkMetadata(input.metadata);
  return {
    ...rest,
    ...(expiresInMs !== undefined && { expiresInMs }),
    id: core.ids("run"),
    strategy,
    ...(agentId !== undefined && { agentId }),
  };
}

export function partsOf(content: Content, field = "message"): readonly Part[] {
  if (typeof content === "string") {
    checkText(content, field);
    return [{ type: "text", text: content }];
  }
  checkParts(content, field);
  return content;
}

/** A rough size, for bounding what waits to be written. */
export function sizeOf(messages: readonly NewMessage[]): number {
  let sizeBytes = 0;
  for (const { parts } of messages)
    for (const part of parts) {
      if ("text" in part && typeof part.text === "string") sizeBytes += part.text.length * 2;
      else if (part.type !== "text") sizeBytes += JSON.stringify(part).length * 2;
    }
  return sizeBytes;
}

function authorOf(
  principal: Principal,
  role: Role,
  author: string | undefined,
): Author | undefined {
  if (author !== undefined) {
    checkUser(author, "author");
    const isPerson = role !== "assistant" && role !== "tool";
    if (principal.user !== null && isPerson && author !== principal.user)
      throw new SkeinError("forbidden", `${principal.user} cannot speak as ${author}.`, {
        field: "author",
      });
    return { kind: role === "assistant" ? "agent" : "user", id: author };
  }
  return role === "user" ? { kind: "user", id: userOf(principal) } : undefined;
}

/** Refuses files that the caller may not read: through the thread everybody in it could. */
export async function checkBlobs(
  core: Core,
  principal: Principal,
  messages: readonly NewMessage[],
): Promise<void> {
  for (const { parts } of messages)
    for (const part of parts) {
      if (part.type !== "file" || part.source.kind !== "blob") continue;
      const { sha256 } = part.source;
      if ((await core.store.loadBlob(principal, sha256, core.clock())) === null)
        throw new SkeinError(
          "blob_not_found",
          `There is no blob ${sha256} that you may read. Upload it first.`,
          {
            field: "message",
          },
        );
    }
}

function invalid(field: string, expected: string): SkeinError {
  return new SkeinError("invalid_request", `${field} must be ${expected}.`, { field });
}
