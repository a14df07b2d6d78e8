import { elideOutputs } from "./elide-outputs.ts";
import type { Elision, ElisionPolicy } from "./elide-outputs.ts";
import { isInstruction } from "./message.ts";
import type { MessageBody } from "./message.ts";
import { groupsOf, paired } from "./message-groups.ts";
import { messageTokens } from "./message-tokens.ts";
import type { CountTokens } from "./message-tokens.ts";

export const DEFAULT_LAST_MESSAGES = 100;

export interface WindowPolicy {
  /** Newest messages to keep, at least 1; system, developer and pinned messages are not counted. Default 100. */
  readonly lastMessages?: number;
  /** Upper bound on the tokens, system messages included. Default none. */
  readonly tokenBudget?: number;
  /** Shortens old large outputs of tools. Default: they stay whole. */
  readonly toolOutputs?: ElisionPolicy;
}

export interface WindowInput extends WindowPolicy {
  /** Ids of messages that are kept whatever the bounds, besides those with `pinned: true` in their metadata. */
  readonly pinned?: ReadonlySet<string>;
  /** Ids of messages that something else stands for: left out unless they have to be kept. */
  readonly covered?: ReadonlySet<string>;
  /** Tokens of the budget that are spoken for. Default 0. */
  readonly reservedTokens?: number;
  /** Default: an estimate of four characters a token. */
  readonly countTokens?: CountTokens | undefined;
}

/** `unanswerable`: a result whose call is not there. */
export type LeftOutReason =
  | "queued"
  | "in_progress"
  | "unanswerable"
  | "summarized"
  | "last_messages"
  | "token_budget";

export interface Window {
  /** Oldest first, system messages in front. */
  readonly messages: readonly MessageBody[];
  readonly tokens: number;
  /** Oldest first. */
  readonly leftOut: readonly { readonly message: MessageBody; readonly reason: LeftOutReason }[];
  readonly elided: readonly Elision[];
  /** The oldest of the messages that were kept without a hole; absent when nothing was kept. */
  readonly newestFrom?: MessageBody;
}

/**
 * What a model gets to see of a conversation: a view, never a deletion. `messages` are oldest first.
 * - System and developer messages are all kept, in their order, in front, each once.
 * - Of the others the newest that fit both bounds are kept, without a hole.
 * - A tool call and its results stay or go together. A result without its call is left out; a call without a result
 *   gets one that says so.
 * - Pinned messages, the newest user message and the newest group are kept whatever the bounds.
 * - Queued messages and messages that are still being written are left out.
 */
export function contextWindow(
  messages: readonly MessageBody[],
  policy: WindowPolicy = {},
): readonly MessageBody[] {
  return planWindow(messages, policy).messages;
}

/** The window, and why it lacks what it lacks. */
export function planWindow(messages: readonly MessageBody[], input: WindowInput = {}): Window {
  const { lastMessages = DEFAULT_LAST_MESSAGES, tokenBudget = Number.POSITIVE_INFINITY } = input;
  const { covered, reservedTokens = 0, countTokens } = input;
  const tokensOf = (group: readonly MessageBody[]): number =>
    group.reduce((sum, message) => sum + messageTokens(message, countTokens), 0);
  const reasons = new Map<string, LeftOutReason>();
  const said = once(messages).filter(({ id, status }) => {
    if (status !== "queued" && status !== "in_progress") return true;
    reasons.set(id, status);
    return false;
  });
  const system = said.filter(({ role }) => isInstruction(role));
  const others = paired(said.filter(({ role }) => !isInstruction(role)));
  const { messages: shown, elided } =
    input.toolOutputs === undefined
      ? { messages: others, elided: [] }
      : elideOutputs(others, input.toolOutputs, (it) => isPinned(it, input.pinned));
  const groups = groupsOf(shown);
  const pins = groups.filter((group) => group.some((message) => isPinned(message, input.pinned)));
  const answered = new Set([
    groups.findLast((group) => group.some(({ role }) => role === "user")),
    groups.at(-1),
  ]);
  const mustKeep = new Set([...pins, ...answered]);
  let messagesLeft = lastMessages;
  for (const group of answered) messagesLeft -= group?.length ?? 0;
  let tokensLeft = tokenBudget - tokensOf(system) - reservedTokens;
  for (const group of mustKeep) tokensLeft -= tokensOf(group ?? []);
  const kept: (readonly MessageBody[])[] = [];
  let reason: LeftOutReason | undefined;
  let newestFrom: MessageBody | undefined;
  for (const group of groups.toReversed()) {
    if (!mustKeep.has(group) && reason === undefined) {
      messagesLeft -= group.length;
      tokensLeft -= tokensOf(group);
      reason = reasonFor(group, { covered, messagesLeft, tokensLeft });
    }
    if (mustKeep.has(group) || reason === undefined) {
      kept.push(group);
      if (reason === undefined) newestFrom = group[0] ?? newestFrom;
      continue;
    }
    for (const { id } of group) reasons.set(id, covered?.has(id) === true ? "summarized" : reason);
  }
  const inWindow = [...system, ...kept.toReversed().flat()];
  const ids = new Set(inWindow.map(({ id }) => id));
  return {
    messages: inWindow,
    tokens: tokensOf(inWindow) + reservedTokens,
    leftOut: once(messages).flatMap((message) =>
      ids.has(message.id) ? [] : [{ message, reason: reasons.get(message.id) ?? "unanswerable" }],
    ),
    elided: elided.filter(({ messageId }) => ids.has(messageId)),
    ...(newestFrom && { newestFrom }),
  };
}

interface Room {
  readonly covered: ReadonlySet<string> | undefined;
  readonly messagesLeft: number;
  readonly tokensLeft: number;
}

function reasonFor(
  group: readonly MessageBody[],
  { covered, messagesLeft, tokensLeft }: Room,
): LeftOutReason | undefined {
  if (group.every(({ id }) => covered?.has(id) === true)) return "summarized";
  if (messagesLeft < 0) return "last_messages";
  return tokensLeft < 0 ? "token_budget" : undefined;
}

function isPinned({ id, metadata }: MessageBody, pinned: ReadonlySet<string> | undefined): boolean {
  return metadata?.["pinned"] === true || pinned?.has(id) === true;
}

function once(messages: readonly MessageBody[]): readonly MessageBody[] {
  const seen = new Set<string>();
  return messages.filter(({ id }) => !seen.has(id) && seen.add(id));
}
