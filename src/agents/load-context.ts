import { isInstruction } from "../model/message.ts";
import type { Message, MessageBody } from "../model/message.ts";
import { groupsOf } from "../model/message-groups.ts";
import { messageTokens } from "../model/message-tokens.ts";
import type { CountTokens } from "../model/message-tokens.ts";
import { own } from "../model/own.ts";
import { text } from "../model/part.ts";
import type { BranchHead, ThreadProfile } from "../model/thread.ts";
import { DEFAULT_LAST_MESSAGES, planWindow } from "../model/window.ts";
import type { Window, WindowInput } from "../model/window.ts";
import type { Store } from "../store/store.ts";
import type { ContextPolicy } from "./context/context-policy.ts";
import { findCompaction } from "./context/find-compaction.ts";
import type { FoundCompaction, Path } from "./context/find-compaction.ts";
import { summaryMessage } from "./context/summary-message.ts";

// The message that the run is writing, and results whose call stands just outside of the window.
const MORE_MESSAGES = 16;

export interface ContextInput {
  readonly profile: Pick<ThreadProfile, "tenant" | "id" | "context">;
  readonly branch: Pick<BranchHead, "segment" | "position" | "floor" | "count">;
  readonly policy?: ContextPolicy | undefined;
  /** Messages that are still being written. */
  readonly open?: ReadonlySet<string>;
  /** Default: an estimate. */
  readonly countTokens?: CountTokens | undefined;
}

export interface LoadedContext {
  /** What the model gets, oldest first. */
  readonly messages: readonly MessageBody[];
  readonly window: Window;
  /** What stands for the messages that it covers. */
  readonly summary?: FoundCompaction;
  /** Read to fill the window, the oldest first; what is older was not looked at. */
  readonly newest: readonly Message[];
  /** How the window was filled. */
  readonly input: WindowInput;
}

type Reads = Pick<Store, "readPath" | "loadFacts" | "loadMessages" | "listEntries">;

/** What the model gets of a branch. Costs three reads, whatever the length of the thread: the newest messages, the
 *  system messages before them, and the newest user message; two more where something is pinned, and two where something was
 *  summed up. */
export async function loadContext(
  store: Reads,
  { profile, branch, policy = {}, open, countTokens }: ContextInput,
): Promise<LoadedContext> {
  const { tenant } = profile;
  // What is pinned does not count.
  const pins = profile.context?.pinned?.length ?? 0;
  const limit = (policy.lastMessages ?? DEFAULT_LAST_MESSAGES) + MORE_MESSAGES + pins;
  const range = { minDepth: 0, maxDepth: branch.count - 1 };
  const [descending, system, asked, pinned, summary] = await Promise.all([
    store.readPath(tenant, branch, { ...range, limit, order: "desc" }),
    store.readPath(tenant, branch, { ...range, roles: ["system", "developer"] }),
    store.readPath(tenant, branch, { ...range, roles: ["user"], limit: 1, order: "desc" }),
    loadPinned(store, profile, branch),
    policy.summary === undefined
      ? undefined
      : findCompaction(store, profile, branch, { purpose: "context" }),
  ]);
  const newest = descending.toReversed();
  const byId = new Map(
    [...pinned, ...asked, ...system, ...newest].map((message) => [message.id, message]),
  );
  const inOrder = [...byId.values()].sort((a, b) => (a.depth ?? 0) - (b.depth ?? 0));
  const told = summary && summaryMessage(summary.compaction);
  const input: WindowInput = {
    ...policy,
    pinned: new Set(profile.context?.pinned),
    countTokens,
    ...(summary && { covered: coveredBy(summary, inOrder) }),
    ...(told && { reservedTokens: messageTokens(told, countTokens) }),
  };
  const window = planWindow(
    inOrder.map((message) =>
      open?.has(message.id) === true ? { ...message, status: "in_progress" } : shown(message),
    ),
    input,
  );
  return {
    messages: told === undefined ? window.messages : withSummary(window.messages, told),
    window,
    ...(summary && { summary }),
    newest,
    input,
  };
}

function coveredBy({ ref }: FoundCompaction, messages: readonly Message[]): ReadonlySet<string> {
  const covered = messages.filter(({ depth }) => (depth ?? Number.POSITIVE_INFINITY) <= ref.depth);
  return new Set(covered.map(({ id }) => id));
}

function withSummary(messages: readonly MessageBody[], told: MessageBody): readonly MessageBody[] {
  const first = messages.findIndex(({ role }) => !isInstruction(role));
  const at = first < 0 ? messages.length : first;
  return [...messages.slice(0, at), told, ...messages.slice(at)];
}

/** The pinned messages of a path, with those that belong to the same calls of tools. */
async function loadPinned(
  store: Reads,
  { tenant, id, context }: ContextInput["profile"],
  path: Path,
): Promise<readonly Message[]> {
  const { pinned = [] } = context ?? {};
  if (pinned.length === 0) return [];
  const needs = pinned.map((message) => ({ kind: "message", id: message, on: path }) as const);
  const facts = (await store.loadFacts({ tenant, id }, needs)).messages;
  const onPath = pinned.filter((message) => own(facts, message)?.isOnPath === true);
  const found = await store.loadMessages({ tenant, id }, onPath);
  const around = await Promise.all(
    found.flatMap((message) =>
      message === null ? [] : [withItsCalls(store, tenant, path, message)],
    ),
  );
  return around.flat();
}

async function withItsCalls(
  store: Pick<Store, "readPath">,
  tenant: string,
  path: Path,
  message: Message,
): Promise<readonly Message[]> {
  const { depth, parts } = message;
  const isPlain = parts.every(({ type }) => type !== "tool-call" && type !== "tool-result");
  if (isPlain || depth === null) return [message];
  const around = await store.readPath(tenant, path, {
    minDepth: Math.max(0, depth - MORE_MESSAGES),
    maxDepth: Math.min(path.count - 1, depth + MORE_MESSAGES),
  });
  return groupsOf(around).find((group) => group.some(({ id }) => id === message.id)) ?? [message];
}

/** True when the model has to be told who said what. */
export function hasSeveralSpeakers(
  messages: readonly MessageBody[],
  members: Readonly<Record<string, unknown>>,
): boolean {
  return Object.keys(members).length > 0 || speakersIn(messages).length > 1;
}

/** Names of the people who wrote the messages. */
export function speakersIn(messages: readonly MessageBody[]): readonly string[] {
  const names = messages.flatMap(({ role, author }) =>
    role === "user" && author !== undefined ? [author.id] : [],
  );
  return [...new Set(names)];
}

/** A message as a model reads it: of a redacted one that it was. */
export function shown(message: Message): MessageBody {
  if (message.redacted !== true || message.role === "tool") return message;
  return { ...message, parts: [text("[redacted]")] };
}
