import { SkeinError } from "../error.ts";
import type { MemberRole, Principal } from "../principal.ts";
import type { ThreadHead } from "../thread.ts";

const RANK: Readonly<Record<MemberRole, number>> = { viewer: 0, editor: 1, owner: 2 };

/** What the principal is to the thread; `null` for a stranger. */
export function roleIn(head: ThreadHead, principal: Principal): MemberRole | null {
  const { profile } = head;
  if (principal.tenant !== profile.tenant) return null;
  if (principal.user === null || principal.user === profile.owner) return "owner";
  return Object.hasOwn(profile.members, principal.user)
    ? (profile.members[principal.user] ?? null)
    : null;
}

/** Refuses strangers as if the thread did not exist, and members whose role is too low. */
export function requireRole(head: ThreadHead, principal: Principal, needed: MemberRole): void {
  const role = roleIn(head, principal);
  if (role === null || head.profile.purgedAt !== null) throw threadNotFound(head.profile.id);
  if (!principal.scopes.includes("write"))
    throw new SkeinError("forbidden", "This key may only read.");
  if (RANK[role] < RANK[needed])
    throw new SkeinError(
      "forbidden",
      `On thread ${head.profile.id} you are ${role}; this takes the role ${needed}.`,
      {
        details: { role, needed },
      },
    );
}

export function threadNotFound(id: string): SkeinError {
  return new SkeinError("thread_not_found", `There is no thread ${id}.`);
}

export function threadDeleted(id: string): SkeinError {
  return new SkeinError(
    "thread_deleted",
    `Thread ${id} was deleted. It can be undeleted for 30 days.`,
  );
}
