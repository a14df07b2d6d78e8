import type { PlannedTrim } from "../model/command.ts";
import type { TrimPolicy } from "../model/entry.ts";
import type { Floor, Message } from "../model/message.ts";
import { settleWindows } from "../model/trim-plan.ts";
import type { Window } from "../model/trim-plan.ts";
import type { BranchHead, ThreadHead } from "../model/thread.ts";
import type { Core } from "./core.ts";
import { listBranches } from "./list-branches.ts";
import { PAGE_BYTES } from "./page-bytes.ts";

const PATH_PAGE = 50;
const SCAN_PAGE = 200;

/** Where a policy lets every branch begin. Costs O(branches² + what goes of each), not what stays. */
export async function planTrim(
  core: Core,
  head: ThreadHead,
  policy: TrimPolicy,
): Promise<readonly PlannedTrim[]> {
  const branches = listBranches(head);
  const windows: Window[] = [];
  for (const branch of branches) windows.push(await windowOf(core, head, branch, policy));
  const starts = [...new Set(windows.flatMap(({ start }) => start?.messageId ?? []))];
  const onPath = new Map<string, ReadonlySet<string>>();
  for (const branch of branches)
    onPath.set(branch.name, await startsOnPath(core, head, branch, starts));
  const settled = settleWindows(
    windows,
    (messageId, name) => onPath.get(name)?.has(messageId) === true,
  );
  const floors = new Map<string, Floor | null>();
  const planned: PlannedTrim[] = [];
  for (const [index, branch] of branches.entries()) {
    const { segment, position, name } = branch;
    const start = settled[index]?.start ?? null;
    const isCut = start !== null && start.depth > (branch.floor?.depth ?? 0);
    // What stands above a message is the same on every branch that leads through it.
    if (isCut && !floors.has(start.messageId))
      floors.set(start.messageId, await floorAt(core, head, branch, start));
    const floor = isCut ? (floors.get(start.messageId) ?? null) : null;
    const losesNothing = floor === null || floor.trimmed <= (branch.floor?.trimmed ?? 0);
    planned.push({ branch: name, head: { segment, position }, floor: losesNothing ? null : floor });
  }
  return planned;
}

/** What the policy keeps of one branch: whole turns, and always the newest one. */
async function windowOf(
  core: Core,
  head: ThreadHead,
  branch: BranchHead,
  policy: TrimPolicy,
): Promise<Window> {
  const { name, count, floor } = branch;
  const unchanged = { branch: name, start: floor ?? null };
  const lowest = floor?.depth ?? 0;
  const asked =
    "keepLast" in policy
      ? count - policy.keepLast
      : await firstSince(core, head, branch, policy.before);
  const depth = Math.min(asked, count - 1);
  if (depth <= lowest) return unchanged;
  const start = await turnStart(core, head, branch, depth);
  return start === undefined ? unchanged : { branch: name, start };
}

/** The depth of the first message since a time. A clock may have gone back, so everything before it is looked at: all of
 *  that is to go. */
async function firstSince(
  core: Core,
  { profile }: ThreadHead,
  branch: BranchHead,
  time: number,
): Promise<number> {
  let depth = branch.floor?.depth ?? 0;
  while (depth < branch.count) {
    const range = { minDepth: depth, maxDepth: branch.count - 1, limit: SCAN_PAGE };
    const page = await core.store.readPath(profile.tenant, branch, {
      ...range,
      maxBytes: PAGE_BYTES,
    });
    const found = page.findIndex(({ createdAt }) => createdAt >= time);
    if (found >= 0) return depth + found;
    if (page.length === 0) break;
    depth += page.length;
  }
  return depth;
}

/** The first message of the turn at a depth; `undefined` when the turn reaches up to where the branch begins. */
async function turnStart(
  core: Core,
  head: ThreadHead,
  branch: BranchHead,
  depth: number,
): Promise<Window["start"] | undefined> {
  const lowest = branch.floor?.depth ?? 0;
  let first: Message | undefined;
  for (let at = depth; at >= lowest;) {
    const page = await read(core, head, branch, Math.max(lowest, at - PATH_PAGE + 1), at);
    for (const message of page) {
      if (first !== undefined && message.turnId !== first.turnId)
        return { messageId: first.id, depth: first.depth ?? 0 };
      first = message;
    }
    if (page.length === 0) break;
    at -= page.length;
  }
  return undefined;
}

/** Newest first. */
async function read(
  core: Core,
  { profile }: ThreadHead,
  branch: BranchHead,
  minDepth: number,
  maxDepth: number,
): Promise<readonly Message[]> {
  const range = { minDepth, maxDepth, order: "desc", maxBytes: PAGE_BYTES } as const;
  return core.store.readPath(profile.tenant, branch, range);
}

async function startsOnPath(
  core: Core,
  { profile }: ThreadHead,
  on: BranchHead,
  starts: readonly string[],
): Promise<ReadonlySet<string>> {
  const { tenant, id } = profile;
  const needs = starts.map((start) => ({ kind: "message", id: start, on }) as const);
  const { messages } = await core.store.loadFacts({ tenant, id }, needs);
  return new Set(Object.values(messages).flatMap((it) => (it?.isOnPath === true ? [it.id] : [])));
}

/** The floor at a start; `null` when its message is gone. */
async function floorAt(
  core: Core,
  head: ThreadHead,
  branch: BranchHead,
  { messageId, depth }: NonNullable<Window["start"]>,
): Promise<Floor | null> {
  const { tenant, id } = head.profile;
  const { messages } = await core.store.loadFacts({ tenant, id }, [
    { kind: "message", id: messageId },
  ]);
  const place = messages[messageId]?.place;
  if (place == null) return null;
  const { segment, position } = place;
  const trimmed = depth - (await countInstructions(core, head, branch, depth));
  return { messageId, segment, position, depth, trimmed };
}

/** How many system and developer messages stand above a depth. Those above the floor are known. */
async function countInstructions(
  core: Core,
  { profile }: ThreadHead,
  branch: BranchHead,
  depth: number,
): Promise<number> {
  const { floor } = branch;
  let count = floor === undefined ? 0 : floor.depth - floor.trimmed;
  for (let minDepth = floor?.depth ?? 0; minDepth < depth;) {
    const page = await core.store.readPath(profile.tenant, branch, {
      minDepth,
      maxDepth: depth - 1,
      roles: ["system", "developer"],
      limit: SCAN_PAGE,
      maxBytes: PAGE_BYTES,
    });
    const last = page.at(-1);
    if (last === undefined) break;
    count += page.length;
    minDepth = (last.depth ?? depth) + 1;
  }
  return count;
}
