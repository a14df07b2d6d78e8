import { checkId, checkLimit, checkMetadata } from "../model/check.ts";
import { SkeinError } from "../model/error.ts";
import { isJsonObject } from "../model/json.ts";
import type { JsonObject } from "../model/json.ts";
import type { Message } from "../model/message.ts";
import { own } from "../model/own.ts";
import type { Principal } from "../model/principal.ts";
import { MAIN } from "../model/thread.ts";
import type { BranchHead, ThreadHead } from "../model/thread.ts";
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
  const total = branch.count;
  const [before, after] = await Promise.all([
    depthOf(core, head, branch, input.before, "before"),
    depthOf(core, head, branch, input.after, "after"),
  ]);
  const newest = (before ?? total) - 1;
  // A page after a message starts there; any other ends at its newest message.
  const minDepth = after === undefined ? Math.max(0, newest - limit + 1) : after + 1;
  const maxDepth = after === undefined ? newest : Math.min(newest, after + limit);
  // Read from where the page is anchored, so that large messages shorten it at the other end.
  const order = after === undefined ? "desc" : "asc";
  const range = { minDepth, maxDepth, order, maxBytes: PAGE_BYTES } as const;
  const read =
    maxDepth < minDepth ? [] : await core.store.readPath(principal.tenant, branch, range);
  const page = (order === "desc" ? read.toReversed() : read).map((message) => asOf(message, head));
  const isNewest = (page.at(-1)?.depth ?? maxDepth) >= total - 1;
  // Waiting messages stand behind the newest one: a page that ends before a message ends before them.
  const waiting = isNewest && before === undefined ? await queuedOn(core, head, branch.name) : [];
  const seen = waiting.findIndex(({ id }) => id === input.after);
  const all = [...page, ...waiting.slice(seen + 1)];
  return {
    messages: input.order === "desc" ? all.toReversed() : all,
    total,
    hasOlder: (page[0]?.depth ?? minDepth) > 0 && total > 0,
    hasNewer: !isNewest,
    version: head.version,
  };
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

async function depthOf(
  core: Core,
  head: ThreadHead,
  on: BranchHead,
  id: string | undefined,
  field: string,
): Promise<number | undefined> {
  if (id === undefined) return undefined;
  checkId(id, field);
  const key = { tenant: head.profile.tenant, id: head.profile.id };
  if (head.activity.queued.some((it) => it.messageId === id && it.branch === on.name))
    return on.count;
  const facts = await core.store.loadFacts(key, [{ kind: "message", id, on }]);
  const fact = own(facts.messages, id);
  if (fact?.place == null || !fact.isOnPath)
    throw new SkeinError("message_not_found", `Message ${id} is not on branch ${on.name}.`, {
      field,
    });
  return fact.place.depth;
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

async function queuedOn(core: Core, head: ThreadHead, branch: string): Promise<readonly Message[]> {
  const ids = head.activity.queued
    .filter((queued) => queued.branch === branch)
    .map((queued) => queued.messageId);
  if (ids.length === 0) return [];
  const key = { tenant: head.profile.tenant, id: head.profile.id };
  const found = await core.store.loadMessages(key, ids);
  return found.flatMap((queued) =>
    queued === null ? [] : [{ ...queued, status: "queued" as const, parentId: null, depth: null }],
  );
}
