import type { Floor } from "../../model/message.ts";
import { isInstruction } from "../../model/message.ts";
import { MAIN } from "../../model/thread.ts";
import type { BranchHead, ThreadHead } from "../../model/thread.ts";
import type { Store } from "../store.ts";
import { existing, extend, headOf, keyOf, TENANT } from "./fixture.ts";
import type { Change } from "./fixture.ts";
import { endOf } from "./message-fixture.ts";

/** Trims a thread. `starts` says where branches are to begin; the others stay as they are. */
export async function trim(
  store: Store,
  id: string,
  starts: Readonly<Record<string, string>>,
): Promise<ThreadHead> {
  const head = await headOf(store, id);
  const floors: Record<string, Floor> = {};
  for (const [branch, messageId] of Object.entries(starts))
    floors[branch] = await floorAt(store, head, branch, messageId);
  return extend(store, id, [trimmedTo(floors)]);
}

export async function floorAt(
  store: Store,
  head: ThreadHead,
  branch: string,
  messageId: string,
): Promise<Floor> {
  const key = keyOf(head.profile.id);
  const need = { kind: "message", id: messageId } as const;
  const { messages } = await store.loadFacts(key, [need]);
  const { segment, position, depth } = existing(messages[messageId]?.place);
  const range = { minDepth: 0, maxDepth: depth - 1 };
  const above = depth === 0 ? [] : await store.readPath(TENANT, endOf(head, branch), range);
  const kept = above.filter(({ role }) => isInstruction(role)).length;
  return { messageId, segment, position, depth, trimmed: depth - kept };
}

export function trimmedTo(floors: Readonly<Record<string, Floor>>): Change {
  return (head) => {
    const branches = Object.values(head.branches).map((branch): [string, BranchHead] => {
      const floor = floors[branch.name] ?? branch.floor;
      return [branch.name, { ...branch, ...(floor && { floor }) }];
    });
    const all = branches.flatMap(([, { floor }]) => floor ?? []);
    const unique = [...new Map(all.map((floor) => [floor.messageId, floor])).values()];
    const trimState = { version: head.version + 1, floors: unique };
    return {
      op: "retention.trim",
      data: {
        policy: { keepLast: 1 },
        trimmed: { main: 1 },
        snapshot: {
          profile: { ...head.profile, trim: trimState },
          activity: head.activity,
          branches: Object.fromEntries(branches),
        },
      },
    };
  };
}

/** Ids on the path of a branch as the thread shows it. */
export async function idsOn(
  store: Store,
  head: ThreadHead,
  branch: string = MAIN,
): Promise<readonly string[]> {
  const range = { minDepth: 0, maxDepth: Number.MAX_SAFE_INTEGER };
  const path = await store.readPath(TENANT, existing(head.branches[branch]), range);
  return path.map(({ id }) => id);
}
