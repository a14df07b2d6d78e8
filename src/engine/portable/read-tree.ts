import type { Message } from "../../model/message.ts";
import type { BranchHead, ThreadHead } from "../../model/thread.ts";
import type { Store } from "../../store/store.ts";
import { listBranches } from "../list-branches.ts";
import { PAGE_BYTES } from "../page-bytes.ts";

const MESSAGES_AT_ONCE = 500;

/** A thread's tree as it can be read: every message once, behind its parent. */
export interface Tree {
  readonly messages: readonly Message[];
  /** The id of the message that each one answers; where that was trimmed, of the nearest before it that is left. */
  readonly parents: ReadonlyMap<string, string | null>;
  /** `main` first, then the oldest first. */
  readonly branches: readonly TreeBranch[];
}

type TreeBranch = Pick<BranchHead, "name" | "reason" | "of" | "createdAt" | "messageId">;

/** Reads all branches. What runs are still writing is left out; messages that wait for their place stand at the end of their
 *  branch. Costs one read of every message. */
export async function readTree(store: Store, head: ThreadHead): Promise<Tree> {
  const messages = new Map<string, Message>();
  const previous = new Map<string, string | null>();
  const branches: TreeBranch[] = [];
  for (const branch of listBranches(head)) {
    const { after, path } = await readPath(store, head, branch, messages);
    let end = after;
    for (const message of [...path, ...(await waitingOn(store, head, branch.name))]) {
      if (message.status === "in_progress") continue;
      if (!previous.has(message.id)) previous.set(message.id, end);
      messages.set(message.id, message);
      end = message.id;
    }
    const { name, reason, of, createdAt } = branch;
    branches.push({
      name,
      reason,
      ...(of !== undefined && { of }),
      createdAt,
      messageId: end,
    });
  }
  const parents = new Map<string, string | null>();
  for (const { id, parentId } of messages.values())
    parents.set(
      id,
      parentId !== null && messages.has(parentId) ? parentId : (previous.get(id) ?? null),
    );
  return { messages: inOrder(messages, parents, branches), parents, branches };
}

/** Branch by branch, each message behind its parent. */
function inOrder(
  messages: ReadonlyMap<string, Message>,
  parents: Tree["parents"],
  branches: Tree["branches"],
): readonly Message[] {
  const ordered = new Map<string, Message>();
  for (const { messageId } of branches) {
    const path: Message[] = [];
    for (let id = messageId; id !== null && !ordered.has(id); id = parents.get(id) ?? null) {
      const message = messages.get(id);
      if (message !== undefined) path.push(message);
    }
    for (const message of path.toReversed()) ordered.set(message.id, message);
  }
  return [...ordered.values()];
}

interface Path {
  /** The message that was read with another branch and that the others follow. */
  readonly after: string | null;
  /** From there on. */
  readonly path: readonly Message[];
}

async function readPath(
  store: Store,
  { profile }: ThreadHead,
  branch: BranchHead,
  known: ReadonlyMap<string, Message>,
): Promise<Path> {
  const found: Message[] = [];
  for (let maxDepth = branch.count - 1; maxDepth >= 0;) {
    const page = await store.readPath(profile.tenant, branch, {
      minDepth: 0,
      maxDepth,
      limit: MESSAGES_AT_ONCE,
      maxBytes: PAGE_BYTES,
      order: "desc",
    });
    const last = page.at(-1);
    if (last === undefined) break;
    // After a trim, branches that share messages may begin at different ones.
    const seen = profile.trim === undefined ? page.findIndex(({ id }) => known.has(id)) : -1;
    if (seen !== -1)
      return {
        after: page[seen]?.id ?? null,
        path: [...found, ...page.slice(0, seen)].toReversed(),
      };
    found.push(...page);
    maxDepth = (last.depth ?? 0) - 1;
  }
  return { after: null, path: found.toReversed() };
}

async function waitingOn(
  store: Store,
  { profile, activity }: ThreadHead,
  branch: string,
): Promise<readonly Message[]> {
  const waiting = activity.queued.filter((it) => it.branch === branch);
  if (waiting.length === 0) return [];
  const { tenant, id } = profile;
  const ids = waiting.map(({ messageId }) => messageId);
  const found = await store.loadMessages({ tenant, id }, ids);
  return found.flatMap((it) => it ?? []);
}
