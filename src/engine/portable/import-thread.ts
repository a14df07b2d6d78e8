import { isSkeinError, SkeinError } from "../../model/error.ts";
import { canonicalJson } from "../../model/json.ts";
import type { JsonObject } from "../../model/json.ts";
import { userOf } from "../../model/principal.ts";
import type { Principal } from "../../model/principal.ts";
import type { BroughtMessage, ThreadContent } from "../../model/thread-content.ts";
import { threadOf } from "../../model/thread.ts";
import type { ThreadHead } from "../../model/thread.ts";
import type { ThreadKey } from "../../store/key.ts";
import { readHead, write } from "../core.ts";
import type { Core } from "../core.ts";
import { checkBlobs, sizeOf } from "../message-input.ts";
import type { ResumeOptions, Resumed } from "./portable-calls.ts";
import { readTree } from "./read-tree.ts";
import { messagesToPortable } from "./serialize.ts";
import { toPortable } from "./spelling.ts";
import type { PackedThread } from "./unpack.ts";
import { partWithoutPassword } from "./without-passwords.ts";

/** Makes the thread, finds it, or brings it further. */
export async function importThread(
  core: Core,
  principal: Principal,
  packed: PackedThread,
  { threadId = packed.threadId, agentId, derivesIds: _derives, ...options }: ResumeOptions,
): Promise<Resumed> {
  if (!principal.scopes.includes("write"))
    throw new SkeinError("forbidden", "This key may only read.");
  const content = contentFor(principal, packed.content);
  const key = { tenant: principal.tenant, id: threadId };
  const [there] = await core.store.loadHeads([key]);
  if (there != null) {
    const head = await readHead(core, principal, threadId);
    return bringFurther(core, principal, head, { ...packed, content }, options);
  }
  await requireFreeRuns(core, key, content);
  await bringBlobs(core, principal, packed);
  try {
    const committed = await write(core, {
      principal,
      threadId,
      command: {
        type: "create",
        owner: userOf(principal),
        ...packed.profile,
        agentId: packed.profile.agentId ?? agentId ?? core.defaultAgent,
        content,
      },
      options,
      asked: content.origin,
      sizeBytes: sizeOf(content.messages),
    });
    return { thread: threadOf(committed.head), isNew: committed.done === undefined };
  } catch (error) {
    if (!isSkeinError(error, "id_conflict")) throw error;
    const head = await existing(core, principal, threadId);
    // The id of a message is taken, not that of the thread.
    if (head === null) throw error;
    return bringFurther(core, principal, head, { ...packed, content }, options);
  }
}

/** Somebody else was first, maybe. */
async function existing(
  core: Core,
  principal: Principal,
  threadId: string,
): Promise<ThreadHead | null> {
  try {
    return await readHead(core, principal, threadId);
  } catch (error) {
    if (isSkeinError(error, "thread_not_found")) return null;
    throw error;
  }
}

/** Adds what a thread that is here lacks; nothing where it lacks nothing, or where another call was first. */
async function bringFurther(
  ...[core, principal, head, packed, options]: Parameters<typeof bringMissing>
): Promise<Resumed> {
  try {
    return await bringMissing(core, principal, head, packed, options);
  } catch (error) {
    if (!isSkeinError(error, "id_conflict")) throw error;
    const now = await readHead(core, principal, head.profile.id);
    if (now.version === head.version) throw error;
    return bringMissing(core, principal, now, packed, options);
  }
}

async function bringMissing(
  core: Core,
  principal: Principal,
  head: ThreadHead,
  packed: PackedThread,
  options: Omit<ResumeOptions, "threadId" | "agentId">,
): Promise<Resumed> {
  const { content } = packed;
  const threadId = head.profile.id;
  const tree = await readTree(core.store, head);
  const told = messagesToPortable(tree);
  const here = new Map(tree.messages.map(({ id }, index) => [id, told[index]]));
  const known = content.messages.filter(({ id }) => here.has(id));
  const isOfOneTime = packed.isForeign || content.createdAt === head.profile.createdAt;
  const isSame = known.length > 0 || (isOfOneTime && here.size * content.messages.length === 0);
  if (!isSame || known.some((it) => !saysTheSame(it, here.get(it.id))))
    throw new SkeinError("id_conflict", `Thread ${threadId} exists, and is another one.`, {
      field: "thread.id",
    });
  const missing = content.messages.filter(({ id }) => !here.has(id));
  if (missing.length === 0) return { thread: threadOf(head), isNew: false };
  await requireNotHidden(core, head, missing);
  await bringBlobs(core, principal, packed);
  const lacking = new Set(missing.map(({ id }) => id));
  const committed = await write(core, {
    principal,
    threadId,
    command: {
      type: "bring",
      content: {
        ...content,
        messages: missing,
        branches: content.branches.filter((it) => it.messageId && lacking.has(it.messageId)),
        runs: await missingRuns(core, head, content),
      },
    },
    options,
    asked: content.origin,
    sizeBytes: sizeOf(missing),
  });
  return { thread: threadOf(committed.head), isNew: false };
}

const IDS_AT_ONCE = 500;
const COMPARED = ["role", "parts", "parent_id"];

/** What was erased on one side is not held against the other. */
function saysTheSame(brought: BroughtMessage, here: JsonObject | undefined): boolean {
  if (here === undefined || here["redacted"] === true || brought.redacted === true) return true;
  const told = toPortable(brought);
  return COMPARED.every(
    (name) => canonicalJson(told[name] ?? null) === canonicalJson(here[name] ?? null),
  );
}

/** What stands on no branch any more was removed here, and does not come back by itself. */
async function requireNotHidden(
  core: Core,
  { profile }: ThreadHead,
  missing: readonly BroughtMessage[],
): Promise<void> {
  const key = { tenant: profile.tenant, id: profile.id };
  const ids = missing.map(({ id }) => id);
  for (let from = 0; from < ids.length; from += IDS_AT_ONCE) {
    const found = await core.store.loadMessages(key, ids.slice(from, from + IDS_AT_ONCE));
    const hidden = found.find((it) => it !== null);
    if (hidden != null)
      throw new SkeinError(
        "id_conflict",
        `Message ${hidden.id} was removed from its branch here.`,
        {
          field: "messages",
          details: { id: hidden.id },
        },
      );
  }
}

async function missingRuns(
  core: Core,
  { profile }: ThreadHead,
  { runs }: ThreadContent,
): Promise<ThreadContent["runs"]> {
  const key = { tenant: profile.tenant, id: profile.id };
  const missing = [];
  for (const run of runs)
    if ((await core.store.threadOfRun(key.tenant, run.id)) === null) missing.push(run);
  return missing;
}

/** A run of that id in another thread would be found in its place. */
async function requireFreeRuns(
  core: Core,
  { tenant, id: threadId }: ThreadKey,
  { runs }: ThreadContent,
): Promise<void> {
  for (const { id } of runs)
    if (![null, threadId].includes(await core.store.threadOfRun(tenant, id)))
      throw new SkeinError("id_conflict", `The run id ${id} is taken.`, { field: "runs" });
}

/** Files come before the messages that name them: without those they go after a day. */
async function bringBlobs(
  core: Core,
  principal: Principal,
  { blobs, content }: PackedThread,
): Promise<void> {
  for (const { bytes, ...info } of blobs)
    if (bytes !== undefined) await core.store.putBlob(principal, info, bytes);
  await checkBlobs(core, principal, content.messages);
}

const IMPORTED = "imported:";

/** What is brought, as this caller may bring it. Who speaks only for themself cannot put words into the mouths of others. */
function contentFor(principal: Principal, content: ThreadContent): ThreadContent {
  return {
    ...content,
    messages: content.messages.map((message) => {
      const { author } = message;
      const parts = message.parts.map(partWithoutPassword);
      if (author?.kind !== "user" || principal.user === null || author.id === principal.user)
        return { ...message, parts };
      const id = author.id.startsWith(IMPORTED) ? author.id : `${IMPORTED}${author.id}`;
      return { ...message, parts, author: { ...author, id } };
    }),
  };
}
