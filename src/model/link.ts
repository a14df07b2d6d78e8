import type { ThreadLink, ThreadProfile } from "./thread.ts";

/** What threads are to one another: what the child is to its parent, and the parent to its child. */
const SIDES: readonly (readonly [child: string, parent: string])[] = [
  ["summary", "summary-of"],
  ["sub-agent", "sub-agent-of"],
  ["fork", "fork-of"],
  ["continuation", "continues"],
  ["mention", "mentioned-by"],
];

/** The one kind that is the same from both sides. */
const MUTUAL = "related";

const CHILD_OF = new Map(SIDES.map(([child, parent]) => [parent, child] as const));
const PARENT_OF = new Map(SIDES);

/** Of these a thread is a part of another's history, so that nobody can be their own ancestor. */
const FAMILY: ReadonlySet<string> = new Set(["summary", "sub-agent", "fork", "continuation"]);

/** What this thread is to the other one, which is `kind` to it. Of kinds that are not Skein's own `x` and `x-of` belong
 *  together. */
export function otherSide(kind: string): string {
  if (kind === MUTUAL) return kind;
  const known = PARENT_OF.get(kind) ?? CHILD_OF.get(kind);
  return known ?? (kind.endsWith("-of") ? kind.slice(0, -3) : `${kind}-of`);
}

/** True when a link of this kind leads to the parent. */
export function leadsUp(kind: string): boolean {
  return CHILD_OF.has(kind) || (!PARENT_OF.has(kind) && kind.endsWith("-of"));
}

/** True for kinds that must not go in a circle, whatever side they name. */
export function isOfFamily(kind: string): boolean {
  return FAMILY.has(leadsUp(kind) ? otherSide(kind) : kind);
}

interface Linked {
  readonly links?: ThreadProfile["links"] | undefined;
  readonly parent?: ThreadProfile["parent"] | undefined;
  readonly forkedFrom?: ThreadProfile["forkedFrom"] | undefined;
}

/** All that a thread says of others: its links, whose task it does, and what it was forked from. */
export function sidesOf({ links = [], parent, forkedFrom }: Linked): readonly ThreadLink[] {
  const data = parent?.runId === undefined ? {} : { data: { run_id: parent.runId } };
  return [
    ...links,
    ...(parent ? [{ kind: "sub-agent-of", threadId: parent.threadId, ...data }] : []),
    ...(forkedFrom ? [{ kind: "fork-of", threadId: forkedFrom.threadId }] : []),
  ];
}

/** The parents in whose history a thread stands, sorted. */
export function parentsOf(profile: Linked): readonly string[] {
  const up = sidesOf(profile).filter(({ kind }) => leadsUp(kind) && isOfFamily(kind));
  return [...new Set(up.map(({ threadId }) => threadId))].toSorted();
}
