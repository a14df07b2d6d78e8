import type { MessageBody } from "./message.ts";
import { callIdsOf } from "./part.ts";
import type { Part, ToolCallPart } from "./part.ts";

const DEFAULT_LAST_MESSAGES = 100;
// The usual rule of thumb for English text and code; models count differently, so a budget is an estimate.
const UNITS_PER_TOKEN = 4;
// What providers charge for a picture of ordinary size, within a factor of two.
const TOKENS_PER_FILE = 1_000;
const NO_RESULT = "This call was interrupted. It is not known whether it was carried out.";

export interface WindowPolicy {
  /** Newest messages to keep, at least 1; system and developer messages are not counted. Default 100. */
  readonly lastMessages?: number;
  /** Upper bound on the estimated tokens, system messages included. Default none. */
  readonly tokenBudget?: number;
}

/**
 * What a model gets to see of a conversation: a view, never a deletion. `messages` are oldest first.
 * - System and developer messages are all kept, in their order, in front, each once.
 * - Of the others the newest that fit both bounds are kept, without a hole.
 * - A tool call and its results stay or go together. A result without its call is left out; a call without a result
 *   gets one that says so.
 * - The newest user message and the newest group are kept whatever the bounds, so that there is something to answer.
 * - Queued messages and messages that are still being written are left out.
 */
export function contextWindow(
  messages: readonly MessageBody[],
  policy: WindowPolicy = {},
): readonly MessageBody[] {
  const { lastMessages = DEFAULT_LAST_MESSAGES, tokenBudget = Number.POSITIVE_INFINITY } = policy;
  const said = once(messages).filter(
    ({ status }) => status !== "queued" && status !== "in_progress",
  );
  const system = said.filter(isSystem);
  const groups = groupsOf(paired(said.filter((message) => !isSystem(message))));
  const mustKeep = new Set([
    groups.findLast((group) => group.some(({ role }) => role === "user")),
    groups.at(-1),
  ]);
  let messagesLeft = lastMessages;
  let tokensLeft = tokenBudget - tokensOf(system);
  for (const group of mustKeep) {
    messagesLeft -= group?.length ?? 0;
    tokensLeft -= tokensOf(group ?? []);
  }
  const kept: (readonly MessageBody[])[] = [];
  let isFull = false;
  for (const group of groups.toReversed()) {
    if (mustKeep.has(group)) {
      kept.push(group);
      continue;
    }
    if (isFull) continue;
    messagesLeft -= group.length;
    tokensLeft -= tokensOf(group);
    if (messagesLeft >= 0 && tokensLeft >= 0) kept.push(group);
    else isFull = true;
  }
  return [...system, ...kept.toReversed().flat()];
}

/** A rough count of the tokens of a message. */
export function estimateMessageTokens(message: Pick<MessageBody, "parts">): number {
  let units = 0;
  let tokens = 0;
  for (const part of message.parts) {
    units += unitsOf(part);
    if (part.type === "file" && part.source.kind !== "text") tokens += TOKENS_PER_FILE;
  }
  return tokens + Math.ceil(units / UNITS_PER_TOKEN);
}

function unitsOf(part: Part): number {
  switch (part.type) {
    case "text":
    case "refusal":
    case "reasoning":
      return part.text.length;
    case "tool-call":
      return part.name.length + part.inputText.length;
    case "tool-result":
      return part.output.type === "json"
        ? JSON.stringify(part.output.value).length
        : part.output.text.length;
    case "file":
      return part.source.kind === "text" ? part.source.text.length : 0;
    default:
      return 0;
  }
}

function tokensOf(messages: readonly MessageBody[]): number {
  return messages.reduce((sum, message) => sum + estimateMessageTokens(message), 0);
}

function isSystem({ role }: MessageBody): boolean {
  return role === "system" || role === "developer";
}

function once(messages: readonly MessageBody[]): readonly MessageBody[] {
  const seen = new Set<string>();
  return messages.filter(({ id }) => !seen.has(id) && seen.add(id));
}

/** The messages with exactly one result for every call, and no result without a call before it. */
function paired(messages: readonly MessageBody[]): readonly MessageBody[] {
  const answered = answeredCalls(messages);
  const open = new Set<string>();
  const whole: MessageBody[] = [];
  for (const message of messages) {
    const parts = message.parts.filter((part) => {
      if (part.type === "tool-call") open.add(part.callId);
      return part.type !== "tool-result" || open.delete(part.callId);
    });
    if (parts.length === 0 && message.parts.length > 0) continue;
    if (parts.length === 0 && message.role === "tool") continue;
    whole.push(parts.length === message.parts.length ? message : { ...message, parts });
    const dangling = callsOf(parts).filter((call) => !answered.has(call));
    if (dangling.length === 0) continue;
    for (const { callId } of dangling) open.delete(callId);
    whole.push(closing(message, dangling));
  }
  return whole;
}

/** The calls that have a result somewhere behind them. Ids may come again, so each result answers the nearest call before it. */
function answeredCalls(messages: readonly MessageBody[]): ReadonlySet<ToolCallPart> {
  const answered = new Set<ToolCallPart>();
  const open = new Map<string, ToolCallPart>();
  for (const { parts } of messages)
    for (const part of parts) {
      if (part.type === "tool-call") open.set(part.callId, part);
      if (part.type !== "tool-result") continue;
      const call = open.get(part.callId);
      if (call !== undefined) answered.add(call);
      open.delete(part.callId);
    }
  return answered;
}

function callsOf(parts: readonly Part[]): readonly ToolCallPart[] {
  return parts.filter(
    (part): part is ToolCallPart => part.type === "tool-call" && part.executor !== "provider",
  );
}

function closing(message: MessageBody, calls: readonly ToolCallPart[]): MessageBody {
  return {
    id: `${message.id}:closed`,
    role: "tool",
    status: "completed",
    parts: calls.map(({ callId, name }) => ({
      type: "tool-result",
      callId,
      name,
      outcome: "unknown",
      output: { type: "error", text: NO_RESULT },
    })),
  };
}

/** Cuts the messages where no call is open. */
function groupsOf(messages: readonly MessageBody[]): readonly (readonly MessageBody[])[] {
  const groups: MessageBody[][] = [];
  const open = new Set<string>();
  for (const message of messages) {
    const group = groups.at(-1);
    if (open.size === 0 || group === undefined) groups.push([message]);
    else group.push(message);
    for (const callId of callIdsOf(message.parts)) open.add(callId);
    for (const part of message.parts) if (part.type === "tool-result") open.delete(part.callId);
  }
  return groups;
}
