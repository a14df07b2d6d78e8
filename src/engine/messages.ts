import { checkId, checkLimit, checkMetadata } from "../model/check.ts";
import { SkeinError } from "../model/error.ts";
import { isJsonObject } from "../model/json.ts";
import type { JsonObject } from "../model/json.ts";
import type { Message } from "../model/message.ts";
import { own } from "../model/own.ts";
import type { Principal } from "../model/principal.ts";
import { MAIN, messagesOn } from "../model/thread.ts";
import type { BranchHead, ThreadHead } from "../model/thread.ts";
import type { ThreadKey } from "../store/key.ts";
import { principalOf, readHead, write } from "./core.ts";
import type { Core } from "./core.ts";
import type { CallOptions, MessageListInput, MessagePage, WriteOptions } from "./engine.ts";
import { headAt } from "./history.ts";
import { PAGE_BYTES } from "./page-bytes.ts";

export async function messages(
  core: Core,
  base: Principal,
  threadId: string,
  input: MessageListInput = {},
  options?: CallOptions,
): Promise<MessagePage> {
  const principal = principalOf(base, options);
  const limit = checkLimit(input.limit);
  const now = await readHead(core, principal, threadId);
  const key = { tenant: principal.tenant, id: threadId };
  const head = input.at === undefined ? now : await headAt(core, key, now, input.at);
  const branch = branchOf(head, input.branch ?? MAIN);
  const total = messagesOn(branch);
  const waiting = waitingOn(head, branch.name);
  const [before, after] = await Promise.all([
    placeOf(core, head, branch, input.before, "before"),
    placeOf(core, head, branch, input.after, "after"),
  ]);
  // Places on the branch: its messages, then those that wait.
  const end = total + waiting.length - 1;
  const newest = (before?.index ?? end + 1) - 1;
  // A page after a message starts there; any other ends at its newest message.
  const first = after === undefined ? Math.max(0, newest - limit + 1) : after.index + 1;
  const last = after === undefined ? newest : Math.min(newest, after.index + limit);
  // Read from where the page is anchored, so that large messages shorten it at the other end.
  const order = after === undefined ? "desc" : "asc";
  const lastPlaced = Math.min(last, total - 1);
  const wanted = lastPlaced - first + 1;
  const depths = {
    minDepth: depthAt(branch, first) ?? (after === undefined ? 0 : after.depth + 1),
    maxDepth: depthAt(branch, lastPlaced) ?? (before?.depth ?? branch.floor?.depth ?? 0) - 1,
  };
  const range = { ...depths, limit: wanted, order, maxBytes: PAGE_BYTES } as const;
  const read = wanted <= 0 ? [] : await core.store.readPath(principal.tenant, branch, range);
  const placed = (order === "desc" ? read.toReversed() : read).map((it) => asOf(it, head));
  const isCut = order === "asc" && placed.length < wanted;
  const [from, to] = [Math.max(first - total, 0), isCut ? 0 : last + 1 - total];
  const queued = to <= from ? [] : await loadQueued(core, key, waiting.slice(from, to));
  const all = [...placed, ...queued];
  const firstPlace = order === "desc" && placed.length > 0 ? lastPlaced - placed.length + 1 : first;
  const lastPlace = isCut ? first + placed.length - 1 : last;
  return {
    messages: input.order === "desc" ? all.toReversed() : all,
    total,
    trimmed: branch.floor?.trimmed ?? 0,
    hasOlder: firstPlace > 0 && end >= 0,
    hasNewer: lastPlace < end,
    version: head.version,
  };
}

/** The depth of the message at a place of a branch; `undefined` for what stands above the floor, where there are gaps. */
function depthAt({ floor }: BranchHead, index: number): number | undefined {
  if (floor === undefined) return index;
  const depth = index + floor.trimmed;
  return depth < floor.depth ? undefined : depth;
}

export async function message(
  core: Core,
  base: Principal,
  threadId: string,
  messageId: string,
  options?: CallOptions,
): Promise<Message> {
  const principal = principalOf(base, options);
  checkId(messageId, "message_id");
  await readHead(core, principal, threadId);
  return loadMessage(core, { tenant: principal.tenant, id: threadId }, messageId);
}

export async function annotate(
  core: Core,
  base: Principal,
  threadId: string,
  messageId: string,
  { values, options }: { readonly values: JsonObject; readonly options?: WriteOptions | undefined },
): Promise<Message> {
  const principal = principalOf(base, options);
  checkId(messageId, "message_id");
  if (!isJsonObject(values))
    throw new SkeinError("invalid_request", "metadata must be an object.", { field: "metadata" });
  checkMetadata(values);
  const command = { type: "message.annotate", messageId, values } as const;
  await write(core, { principal, threadId, command, options });
  return loadMessage(core, { tenant: principal.tenant, id: threadId }, messageId);
}

export async function redact(
  core: Core,
  base: Principal,
  threadId: string,
  messageId: string,
  options?: WriteOptions & { readonly reason?: string },
): Promise<Message> {
  const principal = principalOf(base, options);
  checkId(messageId, "message_id");
  const reason = options?.reason;
  const command = {
    type: "message.redact",
    messageId,
    ...(reason !== undefined && { reason }),
  } as const;
  await write(core, { principal, threadId, command, options });
  // The text goes from previews of forks, too, and their versions stay as they are.
  core.cache.clear();
  return loadMessage(core, { tenant: principal.tenant, id: threadId }, messageId);
}

export function branchOf(head: ThreadHead, name: string): BranchHead {
  const branch = own(head.branches, name);
  if (branch === undefined)
    throw new SkeinError("branch_not_found", `Thread ${head.profile.id} has no branch ${name}.`, {
      field: "branch",
    });
  return branch;
}

async function loadMessage(
  core: Core,
  key: { readonly tenant: string; readonly id: string },
  id: string,
): Promise<Message> {
  const [found] = await core.store.loadMessages(key, [id]);
  if (found === undefined || found === null)
    throw new SkeinError("message_not_found", `Thread ${key.id} has no message ${id}.`, {
      field: "message_id",
    });
  return found;
}

interface PlaceOnBranch {
  /** Counts what can be read. */
  readonly index: number;
  readonly depth: number;
}

/** Where a message stands on a branch; one that waits stands behind all that have a depth. */
async function placeOf(
  core: Core,
  head: ThreadHead,
  on: BranchHead,
  id: string | undefined,
  field: string,
): Promise<PlaceOnBranch | undefined> {
  if (id === undefined) return undefined;
  checkId(id, field);
  const key = { tenant: head.profile.tenant, id: head.profile.id };
  const waits = waitingOn(head, on.name).indexOf(id);
  if (waits >= 0) return { index: messagesOn(on) + waits, depth: on.count + waits };
  const facts = await core.store.loadFacts(key, [{ kind: "message", id, on }]);
  const fact = own(facts.messages, id);
  if (fact?.place == null || !fact.isOnPath)
    throw new SkeinError("message_not_found", `Message ${id} is not on branch ${on.name}.`, {
      field,
    });
  const { depth } = fact.place;
  if (on.floor === undefined || depth >= on.floor.depth)
    return { index: depth - (on.floor?.trimmed ?? 0), depth };
  return { index: (await instructionsAbove(core, head, on, depth)).length, depth };
}

/** The system and developer messages of a branch above a depth. */
async function instructionsAbove(
  core: Core,
  { profile }: ThreadHead,
  branch: BranchHead,
  depth: number,
): Promise<readonly Message[]> {
  if (depth === 0) return [];
  const range = { minDepth: 0, maxDepth: depth - 1, roles: ["system", "developer"] } as const;
  return core.store.readPath(profile.tenant, branch, range);
}

/** A message that was still being written at the version read has no text of later. What a fork shares with its origin
 *  is read as the fork's. */
function asOf(read: Message, { profile, activity }: ThreadHead): Message {
  const isOpen = activity.open.some(({ messageId }) => messageId === read.id);
  if (!isOpen && read.threadId === profile.id) return read;
  return {
    ...read,
    threadId: profile.id,
    ...(isOpen && { status: "in_progress" as const, parts: [] }),
  };
}

function waitingOn({ activity }: ThreadHead, branch: string): readonly string[] {
  const queued = activity.queued.filter((message) => message.branch === branch);
  return queued.map(({ messageId }) => messageId);
}

async function loadQueued(
  core: Core,
  key: ThreadKey,
  ids: readonly string[],
): Promise<readonly Message[]> {
  const found = await core.store.loadMessages(key, ids);
  return found.flatMap((queued) =>
    queued === null ? [] : [{ ...queued, status: "queued" as const, parentId: null, depth: null }],
  );
}
