import { checkId } from "../model/check.ts";
import { checkExpectations } from "../model/decide/decide.ts";
import type { CreateCommand } from "../model/command.ts";
import type { ContextTrack } from "../model/compaction.ts";
import type { ForkOrigin } from "../model/entry.ts";
import { isSkeinError, SkeinError } from "../model/error.ts";
import type { Facts, Need } from "../model/facts.ts";
import { own } from "../model/own.ts";
import { userOf } from "../model/principal.ts";
import type { Principal } from "../model/principal.ts";
import { MAIN, oldestVersion, threadOf } from "../model/thread.ts";
import type { BranchHead, Thread, ThreadHead } from "../model/thread.ts";
import { newThreadId, principalOf, readHead, write } from "./core.ts";
import type { Core } from "./core.ts";
import type { ForkInput, WriteOptions } from "./engine.ts";
import { headAt } from "./history.ts";
import { branchOf } from "./messages.ts";

// Trims of one thread that come one behind the other are rare.
const ATTEMPTS = 5;

export async function fork(
  core: Core,
  base: Principal,
  threadId: string,
  input: ForkInput = {},
  options?: WriteOptions,
): Promise<Thread> {
  const principal = principalOf(base, options);
  if (input.id !== undefined) checkId(input.id);
  // What is expected is expected of the origin; the fork itself is new.
  const { expectedVersion: _version, expectedHead: _head, ...rest } = options ?? {};
  for (let attempt = 1; ; attempt++) {
    const now = await readHead(core, principal, threadId);
    const command = await forkCommand(core, principal, now, input, options);
    try {
      const made = await write(core, {
        principal,
        threadId: input.id ?? newThreadId(core, principal, options?.opId),
        command,
        options: rest,
        asked: [threadId, input],
      });
      return threadOf(made.head);
    } catch (error) {
      // A store takes no fork of what was trimmed meanwhile, however often it is asked: it is decided anew, on what is left.
      if (!isSkeinError(error, "overloaded") || attempt === ATTEMPTS) throw error;
      const later = await readHead(core, principal, threadId);
      if (oldestVersion(later) <= command.from.version) throw error;
    }
  }
}

/** How a fork is made of a thread as it is now. */
export async function forkCommand(
  core: Core,
  principal: Principal,
  now: ThreadHead,
  input: ForkInput,
  options: WriteOptions = {},
): Promise<CreateCommand & { readonly from: ForkOrigin }> {
  const threadId = now.profile.id;
  const { expectedVersion, expectedHead } = options;
  if (!(await isRepeated(core, principal, threadId, options)))
    checkExpectations(now, input.branch, {
      threadId,
      ...(expectedVersion !== undefined && { expectedVersion }),
      ...(expectedHead !== undefined && { expectedHead }),
    });
  const key = { tenant: principal.tenant, id: threadId };
  const head = input.at === undefined ? now : await headAt(core, key, now, input.at);
  const { profile } = head;
  const branch = branchOf(head, input.branch ?? MAIN);
  const facts = await factsFor(core, head, branch, input);
  const from = forkOrigin(head, branch, input, facts);
  return {
    type: "create",
    owner: userOf(principal),
    ...(input.title === undefined ? titleFor(head, from, facts) : { title: input.title }),
    ...(profile.agentId !== null && { agentId: profile.agentId }),
    metadata: profile.metadata,
    tags: profile.tags,
    ...(profile.context && { context: sharedContext(profile.context, from) }),
    from,
  };
}

/** What a fork takes along. What is on another path is told by its place when it is asked for. */
function sharedContext(context: ContextTrack, { head }: ForkOrigin): ContextTrack {
  const { pinned, compactions = [] } = context;
  return {
    ...(pinned && { pinned }),
    compactions: compactions.filter(({ depth }) => depth < head.count),
  };
}

/** Who repeats a fork that was made gets it, however far its origin has moved on. Asked only where that could matter. */
async function isRepeated(
  core: Core,
  principal: Principal,
  threadId: string,
  { opId, expectedVersion, expectedHead }: WriteOptions,
): Promise<boolean> {
  if (opId === undefined || (expectedVersion === undefined && expectedHead === undefined))
    return false;
  const need = { kind: "operation", user: userOf(principal), opId } as const;
  const { operation } = await core.store.loadFacts({ tenant: principal.tenant, id: threadId }, [
    need,
  ]);
  return operation !== null;
}

/** One read at most: of the message to fork at, unless it is the head of `main`, and of the one that gave the title. */
async function factsFor(
  core: Core,
  { profile }: ThreadHead,
  branch: BranchHead,
  { messageId, title }: ForkInput,
): Promise<Facts["messages"]> {
  if (messageId !== undefined) checkId(messageId, "message_id");
  const at = messageId ?? (branch.name === MAIN ? null : branch.messageId);
  const named = title === undefined && profile.title !== null ? profile.titleOf : undefined;
  const needs = [at, named].flatMap((id): readonly Need[] =>
    id === null || id === undefined
      ? []
      : [{ kind: "message", id, on: branch, ...(branch.floor && { floors: [branch.floor] }) }],
  );
  if (needs.length === 0) return {};
  const { tenant, id } = profile;
  return (await core.store.loadFacts({ tenant, id }, needs)).messages;
}

function forkOrigin(
  head: ThreadHead,
  branch: BranchHead,
  input: ForkInput,
  facts: Facts["messages"],
): ForkOrigin {
  const origin = { threadId: head.profile.id, version: head.version, branch: branch.name };
  const messageId = input.messageId ?? branch.messageId;
  if (messageId === null) {
    const { segment } = branch;
    const empty = { segment, position: 0, messageId: null, count: 0, turnId: null };
    return { ...origin, head: empty, lastMessage: null };
  }
  const point = pointAt(head, branch, messageId, facts);
  if (head.activity.open.some((open) => open.messageId === messageId))
    throw new SkeinError(
      "run_active",
      `Message ${messageId} is still being written. Fork at an earlier one.`,
      { field: "message_id" },
    );
  if (point.pending.length > 0)
    throw new SkeinError(
      "tool_group_split",
      `Message ${messageId} stands between a tool call and its result.`,
      { field: "message_id" },
    );
  const { segment, position, count, turnId, floor, lastMessage } = point;
  const at = { segment, position, messageId, count, turnId, ...(floor && { floor }) };
  return { ...origin, head: at, lastMessage };
}

type Point = Pick<BranchHead, "segment" | "position" | "count" | "turnId" | "floor" | "pending"> &
  Pick<ForkOrigin, "lastMessage">;

function pointAt(
  head: ThreadHead,
  branch: BranchHead,
  messageId: string,
  facts: Facts["messages"],
): Point {
  // All that is needed of the head of `main` is in the thread's head.
  if (branch.name === MAIN && branch.messageId === messageId)
    return { ...branch, lastMessage: head.activity.lastMessage };
  const fact = own(facts, messageId);
  if (fact?.place == null || !fact.isOnPath)
    throw new SkeinError(
      "message_not_found",
      `Message ${messageId} is not on branch ${branch.name}.`,
      { field: "message_id" },
    );
  const { depth } = fact.place;
  // What was kept for its instructions alone has lost the path to it.
  if (branch.floor !== undefined && depth > 0 && depth < branch.floor.depth)
    throw new SkeinError("trimmed", `What stood before message ${messageId} was trimmed.`, {
      field: "message_id",
      details: { oldest: oldestVersion(head) },
    });
  const floor = depth === 0 ? undefined : branch.floor;
  const point = { ...fact.place, count: depth + 1, lastMessage: fact.lastMessage };
  return { ...point, ...(floor && { floor }) };
}

/** The origin's title; an automatic one only with the message that it was made of. */
function titleFor(
  { profile }: ThreadHead,
  { head }: ForkOrigin,
  facts: Facts["messages"],
): Pick<CreateCommand, "title" | "titleSource" | "titleOf"> {
  const { title, titleSource, titleOf } = profile;
  if (title === null) return {};
  if (titleOf === undefined) return { title, titleSource };
  const fact = own(facts, titleOf);
  const isIncluded = fact?.place != null && fact.isOnPath && fact.place.depth < head.count;
  return isIncluded ? { title, titleSource, titleOf } : {};
}
