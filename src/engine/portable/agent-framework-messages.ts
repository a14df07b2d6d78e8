import { SkeinError } from "../../model/error.ts";
import { isJsonObject } from "../../model/json.ts";
import type { Json, JsonObject } from "../../model/json.ts";
import { checkMetadata, checkParts } from "../../model/check.ts";
import { LIMITS } from "../../model/limits.ts";
import type { Role } from "../../model/message.ts";
import { answeredIdsOf, callIdsOf } from "../../model/part.ts";
import type { Part } from "../../model/part.ts";
import type { BroughtMessage } from "../../model/thread-content.ts";
import { digestOf } from "../digest.ts";
import { contentsFrom, opaque } from "./agent-framework-contents.ts";
import type { FoundBlob } from "./agent-framework-contents.ts";
import { objectWithoutPasswords } from "./without-passwords.ts";

export interface LineOptions {
  readonly now: number;
  /** Ids that the other program chose are replaced by ones that follow from them and cannot be guessed. */
  readonly isDeriving: boolean;
}

/** A line of messages as the Agent Framework has them. Ids that are missing follow from the thread, the place and what was said,
 *  so that the same message has the same id whenever it comes.
 *  @throws SkeinError  `invalid_request` with the field, `limit_exceeded` */
export function messagesFrom(
  said: readonly Json[],
  threadId: string,
  options: LineOptions,
): { readonly messages: readonly BroughtMessage[]; readonly blobs: readonly FoundBlob[] } {
  if (said.length > LIMITS.messagesPerImport)
    throw new SkeinError(
      "limit_exceeded",
      `A thread of more than ${LIMITS.messagesPerImport} messages cannot be imported at once.`,
      { field: "messages", details: { limit: LIMITS.messagesPerImport } },
    );
  const line = new Line(threadId, options);
  for (const [index, message] of said.entries()) line.add(message, index);
  return line;
}

/** Messages one after another; every call has one answer before the agent speaks again. */
class Line {
  readonly messages: BroughtMessage[] = [];
  readonly blobs: FoundBlob[] = [];
  readonly #threadId: string;
  readonly #options: LineOptions;
  readonly #ids = new Set<string>();
  #open: readonly string[] = [];
  #turnId: string | undefined;

  constructor(threadId: string, options: LineOptions) {
    this.#threadId = threadId;
    this.#options = options;
  }

  add(message: Json, index: number): void {
    const field = `messages[${index}]`;
    if (!isJsonObject(message)) throw wrong(field, "must be a JSON object");
    const { parts: found, blobs, usage } = contentsFrom(message["contents"] ?? [], field);
    const parts = this.#paired(
      found.length > 0 ? found : [{ type: "text", text: textIn(message) }],
    );
    const told = roleOf(message["role"], field);
    const isAnswer = answeredIdsOf(parts).length > 0 && callIdsOf(parts).length === 0;
    // What answers no open call is only told.
    const role = isAnswer ? "tool" : told === "tool" ? "assistant" : told;
    if (role === "assistant" && this.#open.length > 0) this.#close(index);
    checkParts(parts, `${field}.contents`);
    this.blobs.push(...blobs);
    const author = message["author_name"];
    this.#push({
      id: this.#idOf(message, index),
      role,
      parts,
      ...(typeof author === "string" &&
        author.trim() !== "" &&
        role !== "tool" && {
          author: { kind: role === "assistant" ? "agent" : "user", id: author.slice(0, 128) },
        }),
      ...(usage && { usage }),
      ...metadataOf(message),
    });
    this.#open = [...this.#open, ...callIdsOf(parts)].filter(
      (id) => !answeredIdsOf(parts).includes(id),
    );
    if (role === "user") this.#open = [];
  }

  #push(message: Pick<BroughtMessage, "id" | "role" | "parts">): void {
    this.#ids.add(message.id);
    if (message.role === "user" || this.#turnId === undefined) this.#turnId = message.id;
    this.messages.push({
      ...message,
      status: "completed",
      parentId: this.messages.at(-1)?.id ?? null,
      turnId: this.#turnId,
      createdAt: this.#options.now,
      isGivenId: true,
    });
  }

  #close(index: number): void {
    this.#push({
      id: this.#derived("closed", index),
      role: "tool",
      parts: this.#open.map((callId) => ({
        type: "tool-result",
        callId,
        name: "",
        outcome: "cancelled",
        output: { type: "error", text: "No result was given before the conversation went on." },
      })),
    });
    this.#open = [];
  }

  /** Results of calls that are not open are kept as what they are, and answer nothing. */
  #paired(parts: readonly Part[]): readonly Part[] {
    const called = callIdsOf(parts);
    const open = new Set(called.length > 0 ? called : this.#open);
    return parts.map((part) =>
      part.type === "tool-result" && !open.delete(part.callId) ? opaque({ ...part }) : part,
    );
  }

  #idOf(message: JsonObject, index: number): string {
    const id = message["message_id"];
    const isUsable =
      typeof id === "string" &&
      /^(?!\.{1,2}$|__proto__$)[A-Za-z0-9._:-]{1,128}$/.test(id) &&
      !this.#ids.has(id);
    return isUsable && !this.#options.isDeriving ? id : this.#derived(message, index);
  }

  #derived(said: Json, index: number): string {
    return `msg_${digestOf([this.#threadId, index, said]).slice(0, 32)}`;
  }
}

const ROLES: readonly Role[] = ["system", "developer", "user", "assistant", "tool"];

function roleOf(given: Json | undefined, field: string): Role {
  const name = isJsonObject(given) ? given["value"] : given;
  const role = ROLES.find((it) => it === name);
  if (role === undefined) throw wrong(`${field}.role`, `must be one of ${ROLES.join(", ")}`);
  return role;
}

function textIn(message: JsonObject): string {
  const { text } = message;
  return typeof text === "string" ? text : "";
}

/** What the Framework keeps beside a message, unless it is more than metadata may be. */
function metadataOf(message: JsonObject): Pick<BroughtMessage, "metadata"> {
  const given = message["additional_properties"];
  if (!isJsonObject(given) || Object.keys(given).length === 0) return {};
  const metadata = objectWithoutPasswords(given);
  try {
    checkMetadata(metadata);
    return { metadata };
  } catch {
    return {};
  }
}

function wrong(field: string, rule: string): SkeinError {
  return new SkeinError("invalid_request", `${field} ${rule}.`, { field });
}
