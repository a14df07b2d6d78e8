import { dueAtOf } from "../../model/lifetime.ts";
import type { ThreadHead } from "../../model/thread.ts";
import { nameOf, userOf } from "./names.ts";

/** The parts of a head that differ from the one before, as the script's verbs. The head's own hash has its fields; title
 *  and last message stand apart, because a redaction elsewhere may erase them. */
export function headArguments(before: ThreadHead | null, after: ThreadHead): readonly string[] {
  const { profile, activity, branches } = after;
  const fields: string[] = ["v", String(after.version)];
  const gone: string[] = [];
  const verbs: string[] = [];
  if (profile !== before?.profile) {
    const { title, ...rest } = profile;
    fields.push("p", JSON.stringify(rest));
    verbs.push("title", JSON.stringify(title), nameOf(profile.titleOf ?? ""));
    const dueAt = dueAtOf(profile);
    if (before === null ? dueAt !== null : dueAtOf(before.profile) !== dueAt)
      verbs.push("due", dueAt === null ? "" : String(dueAt));
    if (before === null && profile.forkedFrom !== undefined)
      verbs.push("forked", nameOf(profile.forkedFrom.threadId));
  }
  if (activity !== before?.activity) {
    const { lastMessage, ...rest } = activity;
    fields.push("a", JSON.stringify(rest));
    if (lastMessage !== before?.activity.lastMessage || before === null)
      verbs.push("last", ...lastArguments(lastMessage));
  }
  for (const [name, branch] of Object.entries(branches))
    if (before === null || !hasSame(before, name, branch))
      fields.push(`b${nameOf(name)}`, JSON.stringify(branch));
  const [names, oldNames] = [Object.keys(branches), Object.keys(before?.branches ?? {})];
  for (const name of oldNames) if (!Object.hasOwn(branches, name)) gone.push(`b${nameOf(name)}`);
  // A hash has no order, and branches are listed in theirs.
  if (names.length !== oldNames.length || names.some((name, index) => name !== oldNames[index]))
    fields.push("order", JSON.stringify(names));
  const counted = (list: readonly string[]): readonly string[] => [String(list.length), ...list];
  return ["head", ...counted(fields), ...counted(gone), ...verbs, ...listArguments(before, after)];
}

function hasSame({ branches }: ThreadHead, name: string, branch: unknown): boolean {
  return Object.hasOwn(branches, name) && branches[name] === branch;
}

function lastArguments(lastMessage: ThreadHead["activity"]["lastMessage"]): readonly string[] {
  if (lastMessage === null) return ["", "", ""];
  const { text, ...rest } = lastMessage;
  return [nameOf(lastMessage.id), JSON.stringify(rest), JSON.stringify(text)];
}

/** Whose lists the thread stands in, and where. A purged thread stands in none. */
function listArguments(before: ThreadHead | null, { profile, activity }: ThreadHead): string[] {
  if (profile.purgedAt !== null) return [];
  const verbs: string[] = [];
  const isSame =
    before !== null &&
    before.profile.owner === profile.owner &&
    before.profile.members === profile.members;
  if (!isSame) {
    const users = usersOf(profile);
    verbs.push("users", String(users.length), ...users);
  }
  verbs.push("list", stateOf(profile), String(activity.updatedAt));
  return verbs;
}

/** Who may see a thread. */
export function usersOf({ owner, members }: ThreadHead["profile"]): readonly string[] {
  return [...new Set([owner, ...Object.keys(members)])].map(userOf);
}

/** Archived and deleted threads have lists of their own. */
export function stateOf({
  archivedAt,
  deletedAt,
}: Pick<ThreadHead["profile"], "archivedAt" | "deletedAt">): string {
  return String((archivedAt === null ? 0 : 1) + (deletedAt === null ? 0 : 2));
}
