import { expiresAt } from "../../model/lifetime.ts";
import type { Thread } from "../../model/thread.ts";
import type { DuePlace } from "../../store/due-thread.ts";
import type { ThreadKey } from "../../store/key.ts";
import type { ThreadPosition } from "../../store/query.ts";
import type { Store } from "../../store/store.ts";
import { isMeant } from "./policy.ts";
import type { Ending, Rule } from "./policy.ts";

/** A thread whose time is over. */
export interface Candidate {
  readonly key: ThreadKey;
  readonly ending: Ending;
  readonly reason: string;
  /** As it was looked at. */
  readonly version: number;
  readonly isHeld: boolean;
  /** A run works on it. */
  readonly isBusy: boolean;
  /** The threads of its sub-agents. */
  readonly below: readonly string[];
}

const PAGE = 200;

interface Look {
  readonly from: number;
  readonly now: number;
  readonly earlier: readonly Rule[];
}

/** Threads whose own time is over, in pages. Costs nothing for others. */
export async function* expired(store: Store, now: number): AsyncGenerator<readonly Candidate[]> {
  let after: DuePlace | null = null;
  do {
    const due: readonly DuePlace[] = await store.listDueThreads(now, PAGE, after);
    const heads = await store.loadHeads(due.map(({ key }) => key));
    yield heads.flatMap((head, at) => {
      const key = due[at]?.key;
      if (head === null || key === undefined) return [];
      const { profile, activity, version } = head;
      const end = expiresAt(profile.expiry, activity.updatedAt);
      if (end === null || end > now || profile.deletedAt !== null) return [];
      const ending = profile.expiry?.isErased === true ? "purge" : "delete";
      const isHeld = profile.hold !== undefined;
      const below = subAgentsOf(profile);
      return [{ key, ending, reason: "expired", version, isHeld, isBusy: false, below }];
    });
    after = due.length < PAGE ? null : (due.at(-1) ?? null);
  } while (after !== null);
}

/** Threads of a tenant that a rule is for, in pages.
 *  @param from  those before it were looked at earlier
 *  @param earlier  rules that come first: what they are for is theirs */
export async function* idle(
  store: Store,
  tenant: string,
  rule: Rule,
  { from, now, earlier }: Look,
): AsyncGenerator<readonly Candidate[]> {
  const { policy, archived, deleted, ending, reason } = rule;
  const to = now - rule.afterMs;
  const isOthers = (thread: Thread): boolean =>
    earlier.some(
      (other) =>
        other.archived === archived &&
        other.deleted === deleted &&
        (other.policy.tenant ?? tenant) === tenant &&
        thread.updatedAt <= now - other.afterMs &&
        isMeant(other.policy, thread),
    ) ||
    (!deleted && thread.hold === undefined && (thread.expiresAt ?? Infinity) <= now);
  let after: ThreadPosition | undefined;
  do {
    const page = await store.listThreads(
      { tenant, user: null },
      {
        archived,
        deleted,
        to,
        limit: PAGE,
        ...(from > 0 && { from }),
        ...(policy.agentId !== undefined && { agentId: policy.agentId }),
        ...(policy.tag !== undefined && { tag: policy.tag }),
        ...(after && { after }),
      },
    );
    // The list may lag behind the thread.
    yield page.threads
      .filter((thread) => thread.updatedAt <= to && isMeant(policy, thread) && !isOthers(thread))
      .map(({ id, version, hold, status, links = [] }) => ({
        key: { tenant, id },
        ending,
        reason,
        version,
        isHeld: hold !== undefined,
        isBusy: status === "active",
        below: subAgentsOf({ links }),
      }));
    after = page.next;
  } while (after !== undefined);
}

export function subAgentsOf({ links = [] }: Pick<Thread, "links">): readonly string[] {
  return links.flatMap(({ kind, threadId }) => (kind === "sub-agent" ? [threadId] : []));
}

/** Those that people use: programs keep threads in tenants with a `~`, which are theirs. One read for each. */
export async function* tenantsOf(store: Store): AsyncGenerator<string> {
  let after: ThreadKey | null = null;
  for (;;) {
    const [next]: readonly ThreadKey[] = await store.listKeys(after, 1);
    if (next === undefined) return;
    if (!next.tenant.includes("~")) yield next.tenant;
    // Behind every id of the tenant.
    after = { tenant: next.tenant, id: "~" };
  }
}
