/** A message in a tree. */
export interface TreeNode {
  readonly id: string;
  readonly parentId: string | null;
  readonly createdAt: number;
}

export interface LaidBranch {
  readonly name: string;
  readonly messageId: string | null;
  /** The first message that only this branch has. */
  readonly startsAt: number;
}

/** `main` is the path to `headId`; every other end of the tree has a branch that is named after the first message it has for
 *  itself, so that it has the same name when the tree has grown. Wants parents before children. */
export function layBranches(
  messages: readonly TreeNode[],
  headId: string | null,
): readonly LaidBranch[] {
  const byId = new Map(messages.map((message) => [message.id, message]));
  const isParent = new Set(messages.map(({ parentId }) => parentId));
  const reached = new Set<string>();
  const walk = (from: string | null): TreeNode | undefined => {
    let first: TreeNode | undefined;
    for (let at = from; at !== null && !reached.has(at);) {
      reached.add(at);
      first = byId.get(at);
      at = first?.parentId ?? null;
    }
    return first;
  };
  walk(headId);
  const branches: LaidBranch[] = [
    { name: "main", messageId: headId, startsAt: messages[0]?.createdAt ?? 0 },
  ];
  for (const { id } of messages) {
    if (isParent.has(id) || reached.has(id)) continue;
    const first = walk(id);
    if (first === undefined) continue;
    branches.push({
      name: `main~${first.id.slice(-12)}`,
      messageId: id,
      startsAt: first.createdAt,
    });
  }
  return branches;
}
